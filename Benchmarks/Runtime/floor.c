// The floor of `./fincore bench runtime`: a bare loop over libcurl's easy interface that serves Lambda's Runtime API
// and does nothing with the events. It receives each one whole, as any client must, and answers that every record
// was processed. What a runtime costs beyond this is its own doing, not libcurl's.
//
//   cc -std=c11 -O2 -Wall -Wextra -Werror -o floor floor.c $(pkg-config --cflags --libs libcurl)

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char id_header[] = "Lambda-Runtime-Aws-Request-Id:";
static const char response[] = "{\"batchItemFailures\":[]}";

// The event, in memory that is used again for the next one.
static struct {
    char *bytes;
    size_t length, capacity;
} event;
static char request_id[128];

static size_t take_body(char *bytes, size_t size, size_t count, void *unused) {
    (void)size, (void)unused;
    if (count > event.capacity - event.length) {
        size_t capacity = (event.length + count) * 2;
        char *larger = realloc(event.bytes, capacity);
        if (!larger) return 0;
        event.bytes = larger;
        event.capacity = capacity;
    }
    memcpy(event.bytes + event.length, bytes, count);
    event.length += count;
    return count;
}

static size_t ignore_body(char *bytes, size_t size, size_t count, void *unused) {
    (void)bytes, (void)size, (void)unused;
    return count;
}

static size_t take_header(char *line, size_t size, size_t count, void *unused) {
    (void)size, (void)unused;
    size_t name = sizeof id_header - 1;
    if (count <= name || strncasecmp(line, id_header, name) != 0) return count;
    const char *value = line + name, *end = line + count;
    while (value < end && *value == ' ') value++;
    while (end > value && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' ')) end--;
    size_t length = (size_t)(end - value);
    if (length >= sizeof request_id) return 0;
    memcpy(request_id, value, length);
    request_id[length] = '\0';
    return count;
}

static int fail(CURLcode code, long status) {
    fprintf(stderr, "floor: %s, status %ld\n", curl_easy_strerror(code), status);
    return 1;
}

int main(void) {
    const char *api = getenv("AWS_LAMBDA_RUNTIME_API");
    if (!api) {
        fputs("floor: AWS_LAMBDA_RUNTIME_API is not set\n", stderr);
        return 1;
    }
    char next_url[512], response_url[1024];
    snprintf(next_url, sizeof next_url, "http://%s/2018-06-01/runtime/invocation/next", api);

    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return 1;
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    headers = curl_slist_append(headers, "Expect:");
    if (!curl || !headers) return 1;
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 256L * 1024L);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)sizeof response - 1);

    for (;;) {
        long status = 0;
        event.length = 0;
        request_id[0] = '\0';
        curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
        curl_easy_setopt(curl, CURLOPT_URL, next_url);
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
        CURLcode code = curl_easy_perform(curl);
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        if (code != CURLE_OK || status != 200 || !request_id[0]) return fail(code, status);

        snprintf(response_url, sizeof response_url, "http://%s/2018-06-01/runtime/invocation/%s/response", api,
            request_id);
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, response);
        curl_easy_setopt(curl, CURLOPT_URL, response_url);
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore_body);
        code = curl_easy_perform(curl);
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        if (code != CURLE_OK || status != 202) return fail(code, status);
    }
}
