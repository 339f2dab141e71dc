import CCurl
import CurlEventLoop
import Wire

/// An internal extension that asks for no events.
///
/// Lambda sends SIGTERM only where an extension is registered. One registers by name and is ready once it has asked for
/// its first event; the connection on which it waits for that event, for ever, stays open with the process.
enum ShutdownExtension {
    private static let name = "fincore-shutdown"
    private static let timeoutMilliseconds = 1_000

    /// Registers.
    ///
    /// - Returns: why that failed, or `nil`.
    static func register(_ address: RuntimeAPIAddress) -> String? {
        guard
            let transfer = Transfer(
                url: address.extensionURL("/register"), timeoutMilliseconds: timeoutMilliseconds,
                connectTimeoutMilliseconds: timeoutMilliseconds, maximumBytes: 64 * 1024)
        else { return "libcurl could not make a handle" }
        transfer.set(CURLOPT_NOPROXY, "*")
        transfer.setHeaderLines(["\(RuntimeAPI.Header.extensionName): \(name)", "Content-Type: application/json"])
        transfer.collectHeaders()
        Bytes(utf8: "{\"events\":[]}").withUnsafeBytes(transfer.setBody)
        let loop = EventLoop()
        guard let outcome = try? loop.run({ await transfer.perform(on: loop) }) else { return "no event loop" }
        guard outcome.result == CURLE_OK else { return outcome.detail }
        guard outcome.status == 200, let identifier = outcome.headers[RuntimeAPI.Header.extensionIdentifier] else {
            return "status \(outcome.status)"
        }
        return askForEvents(address, identifier)
    }

    /// Sends the request and leaves its answer to nobody.
    private static func askForEvents(_ address: RuntimeAPIAddress, _ identifier: String) -> String? {
        guard let handle = curl_easy_init() else { return "libcurl could not make a handle" }
        _ = fincore_curl_set_string(handle, CURLOPT_URL, address.extensionURL("/event/next"))
        _ = fincore_curl_set_string(handle, CURLOPT_NOPROXY, "*")
        _ = fincore_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        _ = fincore_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, timeoutMilliseconds)
        _ = fincore_curl_set_long(handle, CURLOPT_CONNECT_ONLY, 1)
        var result = curl_easy_perform(handle)
        if result == CURLE_OK {
            let path = "\(address.pathPrefix)/\(RuntimeAPI.extensionsVersion)/extension/event/next"
            let request =
                "GET \(path) HTTP/1.1\r\nHost: \(address.host)\r\n"
                + "\(RuntimeAPI.Header.extensionIdentifier): \(identifier)\r\n\r\n"
            var sent = 0
            // A few hundred bytes on a fresh connection: the kernel takes them at once.
            result = Bytes(utf8: request).withUnsafeBytes {
                curl_easy_send(handle, $0.baseAddress, $0.count, &sent)
            }
        }
        guard result != CURLE_OK else { return nil }
        curl_easy_cleanup(handle)
        return String(cString: curl_easy_strerror(result))
    }
}
