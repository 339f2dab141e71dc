import CCurl

extension Transfer {
    /// Sets what every request to Lambda's Runtime and Extensions API shares.
    ///
    /// The API is a neighbour on the same machine: whatever proxy the function's variables name for the outside world
    /// has no part in it, and small requests must not wait to be joined.
    package static func configureForRuntimeAPI(_ handle: UnsafeMutableRawPointer) {
        _ = fincore_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http")
        _ = fincore_curl_set_string(handle, CURLOPT_PROXY, "")
        _ = fincore_curl_set_string(handle, CURLOPT_NOPROXY, "*")
        _ = fincore_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        _ = fincore_curl_set_long(handle, CURLOPT_TCP_NODELAY, 1)
    }
}
