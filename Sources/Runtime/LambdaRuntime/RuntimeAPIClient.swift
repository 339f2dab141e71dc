import CCurl
import FoundationEssentials
import HTTPClient

/// Why the process can no longer serve: it must end, so that Lambda starts a new one.
struct RuntimeAPIError: Error, CustomStringConvertible {
    let operation: String
    let reason: String

    var description: String { "Runtime API: \(operation): \(reason)" }
}

/// What became of a report to the Runtime API.
enum ReportOutcome: Equatable {
    /// 202: taken.
    case accepted
    /// 400, 403, 413 and other refusals: Lambda has already settled the invocation; log and ask for the next one.
    case refused(status: Int)
}

/// A blocking client of the Lambda Runtime API: one libcurl handle and its kept-alive connection for the process's
/// whole life.
///
/// A Lambda environment handles one event at a time, so nothing here needs to run concurrently.
final class RuntimeAPIClient {
    private let handle: UnsafeMutableRawPointer
    private let base: String
    private var exchange = Exchange()

    /// What one request's callbacks fill.
    private struct Exchange {
        var headers = HTTPHeaders()
        var body = Data()
    }

    /// A client of the Runtime API at `host:port`, with or without a path prefix (some emulators give one each).
    init(address: String) throws(RuntimeAPIError) {
        curl_global_init(Int(CURL_GLOBAL_DEFAULT))
        guard let handle = curl_easy_init() else {
            throw RuntimeAPIError(operation: "start", reason: "libcurl could not make a handle")
        }
        self.handle = handle
        base = "http://\(address)/\(RuntimeAPI.version)/runtime"
    }

    deinit {
        curl_easy_cleanup(handle)
    }

    /// Waits for the next invocation, for ever: the environment may be frozen meanwhile.
    func next() throws(RuntimeAPIError) -> Invocation {
        let status = try perform("next", path: "/invocation/next", headerLines: [], body: nil)
        guard status == 200 else { throw RuntimeAPIError(operation: "next", reason: "status \(status)") }
        guard let invocation = Invocation(headers: exchange.headers, payload: exchange.body) else {
            throw RuntimeAPIError(operation: "next", reason: "no \(RuntimeAPI.Header.requestID) header")
        }
        return invocation
    }

    /// Reports an invocation's response.
    func respond(_ requestID: String, _ payload: Data) throws(RuntimeAPIError) -> ReportOutcome {
        try report("response", path: "/invocation/\(requestID)/response", headerLines: [], body: payload)
    }

    /// Reports that an invocation failed.
    func fail(_ requestID: String, _ error: ErrorReport) throws(RuntimeAPIError) -> ReportOutcome {
        try report(
            "error", path: "/invocation/\(requestID)/error",
            headerLines: ["\(RuntimeAPI.Header.errorType): \(error.errorType)"], body: error.encoded())
    }

    /// Reports that the function could not start; only before the first `next`.
    func failInitialization(_ error: ErrorReport) throws(RuntimeAPIError) -> ReportOutcome {
        try report(
            "init/error", path: "/init/error",
            headerLines: ["\(RuntimeAPI.Header.errorType): \(error.errorType)"], body: error.encoded())
    }

    private func report(_ operation: String, path: String, headerLines: [String], body: Data)
        throws(RuntimeAPIError) -> ReportOutcome
    {
        let status = try perform(
            operation, path: path, headerLines: headerLines + ["Content-Type: application/json"], body: body)
        switch status {
        case 200..<300: return .accepted
        // "Container error. Non-recoverable state. Runtime should exit promptly."
        case 500...: throw RuntimeAPIError(operation: operation, reason: "status \(status)")
        default: return .refused(status: status)
        }
    }

    private func perform(_ operation: String, path: String, headerLines: [String], body: Data?)
        throws(RuntimeAPIError) -> Int
    {
        exchange = Exchange()
        curl_easy_reset(handle)
        setConnectionOptions(url: base + path)
        // libcurl must not wait for 100-continue, nor chunk a body whose length is known.
        var list: UnsafeMutablePointer<curl_slist>?
        for line in headerLines + ["Expect:", "Transfer-Encoding:"] { list = curl_slist_append(list, line) }
        defer { curl_slist_free_all(list) }
        _ = fincore_curl_set_list(handle, CURLOPT_HTTPHEADER, list)
        let result = (body ?? Data()).withUnsafeBytes { bytes in
            if body != nil {
                _ = fincore_curl_set_long(handle, CURLOPT_POST, 1)
                _ = fincore_curl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
                // Without any bytes libcurl would ask a read callback for them, so an empty body is a pointer too.
                _ =
                    bytes.baseAddress.map { start in
                        fincore_curl_set_pointer(handle, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: start))
                    } ?? fincore_curl_set_string(handle, CURLOPT_COPYPOSTFIELDS, "")
            }
            return curl_easy_perform(handle)
        }
        guard result == CURLE_OK else {
            throw RuntimeAPIError(operation: operation, reason: String(cString: curl_easy_strerror(result)))
        }
        var status = 0
        _ = fincore_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
        return status
    }

    private func setConnectionOptions(url: String) {
        _ = fincore_curl_set_string(handle, CURLOPT_URL, url)
        _ = fincore_curl_set_string(handle, CURLOPT_USERAGENT, RuntimeAPI.userAgent)
        _ = fincore_curl_set_string(handle, CURLOPT_PROXY, "")
        _ = fincore_curl_set_string(handle, CURLOPT_NOPROXY, "*")
        _ = fincore_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http")
        // No limit on the exchange: a frozen environment thaws after any time. Connecting to a neighbour is quick.
        _ = fincore_curl_set_long(handle, CURLOPT_TIMEOUT, 0)
        _ = fincore_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT, 1)
        _ = fincore_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        _ = fincore_curl_set_long(handle, CURLOPT_TCP_NODELAY, 1)
        _ = fincore_curl_set_long(handle, CURLOPT_PATH_AS_IS, 1)
        _ = fincore_curl_set_long(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        let context = Unmanaged.passUnretained(self).toOpaque()
        _ = fincore_curl_set_pointer(handle, CURLOPT_WRITEDATA, context)
        _ = fincore_curl_set_data_callback(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            RuntimeAPIClient.from(context)?.receiveBody(bytes, size * count) ?? 0
        }
        _ = fincore_curl_set_pointer(handle, CURLOPT_HEADERDATA, context)
        _ = fincore_curl_set_data_callback(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            RuntimeAPIClient.from(context)?.receiveHeader(bytes, size * count) ?? 0
        }
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> RuntimeAPIClient? {
        guard let context else { return nil }
        return Unmanaged<RuntimeAPIClient>.fromOpaque(context).takeUnretainedValue()
    }

    private func receiveBody(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        if let bytes {
            exchange.body.append(UnsafeRawPointer(bytes).assumingMemoryBound(to: UInt8.self), count: count)
        }
        return count
    }

    private func receiveHeader(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        guard let bytes else { return count }
        let line = UnsafeRawBufferPointer(start: bytes, count: count)
        if let field = HeaderLine.parse(line) { exchange.headers.add(field.name, field.value) }
        return count
    }
}

/// One header line as libcurl hands it over.
enum HeaderLine {
    /// Name and trimmed value; `nil` for status lines and the empty line at the end.
    static func parse(_ line: UnsafeRawBufferPointer) -> (name: String, value: String)? {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0 else { return nil }
        var value = line[(colon + 1)...]
        while let first = value.first, first <= 0x20 { value = value.dropFirst() }
        while let last = value.last, last <= 0x20 { value = value.dropLast() }
        return (String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self))
    }
}
