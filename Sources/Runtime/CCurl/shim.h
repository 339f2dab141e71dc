#ifndef FINCORE_CCURL_SHIM_H
#define FINCORE_CCURL_SHIM_H

#include <curl/curl.h>

// curl_easy_setopt and friends are variadic, which Swift cannot call. One fixed-arity wrapper per argument kind.

typedef size_t (*fincore_curl_data_callback)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode fincore_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode fincore_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode fincore_curl_set_string(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode fincore_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode fincore_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode fincore_curl_set_data_callback(
    CURL *handle, CURLoption option, fincore_curl_data_callback value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode fincore_curl_set_trailer_callback(
    CURL *handle, CURLoption option, curl_trailer_callback value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode fincore_curl_set_socket_callback(
    CURL *handle, CURLoption option, curl_sockopt_callback value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode fincore_curl_get_string(CURL *handle, CURLINFO info, char **value) {
    return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode fincore_curl_get_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode fincore_curl_get_socket(CURL *handle, CURLINFO info, curl_socket_t *value) {
    return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode fincore_curl_get_pointer(CURL *handle, CURLINFO info, void **value) {
    return curl_easy_getinfo(handle, info, value);
}
static inline CURLMcode fincore_curl_multi_set_long(CURLM *handle, CURLMoption option, long value) {
    return curl_multi_setopt(handle, option, value);
}
static inline CURLcode fincore_curl_message_result(CURLMsg *message) { return message->data.result; }

#endif
