import CCurl

/// libcurl's process-wide set-up, done once.
package enum GlobalCurl {
    private static let result: CURLcode = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

    package static func initialize() {
        _ = result
    }
}
