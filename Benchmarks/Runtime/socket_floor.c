// The socket floor of `./fincore bench runtime`: one blocking socket and nothing else. It serves Lambda's Runtime API
// with one send and as few receives as the kernel allows for each request, reads of an answer its status, its length
// and the request's id, and answers that every record was processed. There is no client library and no TLS in it, and
// of HTTP only what the Runtime API sends: answers with a Content-Length. What a runtime costs beyond this is
// everything that it does in user space.
//
//   cc -std=c11 -O2 -Wall -Wextra -Werror -o socket_floor socket_floor.c

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#define RESPONSE "{\"batchItemFailures\":[]}"

enum {
    MAXIMUM_HEAD = 64 * 1024,
    MAXIMUM_BODY = 16 * 1024 * 1024, // more than Lambda sends (6 MiB)
};

static const char *api; // HOST:PORT
static int descriptor = -1;
// The last answer: its head, then its body, in memory that is used again for the next one.
static char *answer;
static size_t capacity;
static char request_id[128];

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "socket_floor: %s\n", what);
    exit(1);
}

static void reserve(size_t needed) {
    if (needed <= capacity) return;
    char *larger = realloc(answer, needed);
    if (!larger) fail("out of memory");
    answer = larger;
    capacity = needed;
}

static void open_connection(void) {
    char host[64];
    const char *colon = strrchr(api, ':');
    if (!colon || (size_t)(colon - api) >= sizeof host) fail("AWS_LAMBDA_RUNTIME_API is not ADDRESS:PORT");
    memcpy(host, api, (size_t)(colon - api));
    host[colon - api] = '\0';
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(colon + 1))};
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1) fail("AWS_LAMBDA_RUNTIME_API is not ADDRESS:PORT");
    descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int yes = 1;
    if (descriptor < 0 || connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0 ||
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) != 0) {
        fail(strerror(errno));
    }
}

// The value of a header in a head that ends in a NUL; NULL when it is absent.
static const char *find_header(const char *head, const char *name) {
    size_t length = strlen(name);
    for (const char *line = head; (line = strstr(line, "\r\n")) != NULL;) {
        line += 2;
        if (strncasecmp(line, name, length) != 0 || line[length] != ':') continue;
        line += length + 1;
        return line + strspn(line, " ");
    }
    return NULL;
}

static size_t receive(size_t used) {
    ssize_t count = recv(descriptor, answer + used, capacity - used, 0);
    if (count == 0) fail("the Runtime API closed the connection");
    if (count < 0) fail(strerror(errno));
    return (size_t)count;
}

// Sends a request and receives its answer whole; the answer's head is kept as a string, and its status returned.
static int ask(const char *request, size_t length) {
    if (send(descriptor, request, length, MSG_NOSIGNAL) != (ssize_t)length) fail("a request could not be sent");
    size_t used = 0;
    char *end = NULL;
    while (!end) {
        if (used >= MAXIMUM_HEAD) fail("the head of an answer is too long");
        reserve(MAXIMUM_HEAD);
        used += receive(used);
        end = memmem(answer, used, "\r\n\r\n", 4);
    }
    end[2] = '\0'; // the head's last line keeps its CR and LF
    const char *announced = find_header(answer, "Content-Length");
    size_t head = (size_t)(end - answer) + 4, body = announced ? strtoul(announced, NULL, 10) : 0;
    if (body > MAXIMUM_BODY) fail("an answer is too long");
    reserve(head + body);
    while (used < head + body) used += receive(used);
    if (strncmp(answer, "HTTP/1.1 ", 9) != 0) fail("an answer is not HTTP/1.1");
    return atoi(answer + 9);
}

static void take_request_id(void) {
    const char *value = find_header(answer, "Lambda-Runtime-Aws-Request-Id");
    size_t length = value ? strcspn(value, "\r") : 0;
    if (length == 0 || length >= sizeof request_id) fail("an event has no request id");
    memcpy(request_id, value, length);
    request_id[length] = '\0';
}

int main(void) {
    char next[512], response[1024];
    api = getenv("AWS_LAMBDA_RUNTIME_API");
    if (!api) fail("AWS_LAMBDA_RUNTIME_API is not set");
    int next_length = snprintf(next, sizeof next,
        "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: %s\r\n\r\n", api);
    if (next_length >= (int)sizeof next) fail("AWS_LAMBDA_RUNTIME_API is too long");
    open_connection();
    for (;;) {
        if (ask(next, (size_t)next_length) != 200) fail("there is no next event");
        take_request_id();
        int length = snprintf(response, sizeof response,
            "POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\r\nHost: %s\r\n"
            "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
            request_id, api, strlen(RESPONSE), RESPONSE);
        if (ask(response, (size_t)length) != 202) fail("a response was not accepted");
    }
}
