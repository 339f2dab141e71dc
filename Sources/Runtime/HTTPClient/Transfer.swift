import CCurl
import FoundationEssentials
import Synchronization

/// One libcurl easy handle on its way through the event loop, with the buffers its callbacks fill.
final class Transfer: @unchecked Sendable {
    // @unchecked: made by one task, then touched only by the loop's thread until its completion is called.

    /// How a transfer ended.
    struct Outcome: Sendable {
        let result: CURLcode
        let status: Int
        let headers: HTTPHeaders
        let body: Data
        let requestBytesSent: Int
        let exceededLimit: Bool
        let detail: String
    }

    let handle: UnsafeMutableRawPointer
    private let maximumBytes: Int
    private var list: UnsafeMutablePointer<curl_slist>?
    private var headers = HTTPHeaders()
    private var body = Data()
    private var exceededLimit = false
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    private var completion: (@Sendable (Outcome) -> Void)?

    /// A handle with the options that hold for every protocol; `nil` when libcurl has no memory left.
    init?(url: String, timeoutMilliseconds: Int, connectTimeoutMilliseconds: Int, maximumBytes: Int) {
        guard let handle = curl_easy_init() else { return nil }
        self.handle = handle
        self.maximumBytes = maximumBytes
        errorText.pointee = 0
        set(CURLOPT_URL, url)
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_TIMEOUT_MS, timeoutMilliseconds)
        set(CURLOPT_CONNECTTIMEOUT_MS, connectTimeoutMilliseconds)
        _ = fincore_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText)
        let context = Unmanaged.passUnretained(self).toOpaque()
        _ = fincore_curl_set_pointer(handle, CURLOPT_WRITEDATA, context)
        _ = fincore_curl_set_data_callback(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            Transfer.from(context)?.receiveBody(bytes, size * count) ?? 0
        }
    }

    deinit {
        curl_slist_free_all(list)
        curl_easy_cleanup(handle)
        errorText.deallocate()
    }

    func set(_ option: CURLoption, _ value: Int) {
        _ = fincore_curl_set_long(handle, option, value)
    }

    func set(_ option: CURLoption, _ value: String) {
        _ = fincore_curl_set_string(handle, option, value)
    }

    func setNull(_ option: CURLoption) {
        _ = fincore_curl_set_string(handle, option, nil)
    }

    /// Sets the request's own header lines.
    func setHeaderLines(_ lines: [String]) {
        for line in lines { list = curl_slist_append(list, line) }
        _ = fincore_curl_set_list(handle, CURLOPT_HTTPHEADER, list)
    }

    /// Sets the request body; libcurl keeps a copy, because the bytes of a Data have no stable address.
    func setBody(_ data: Data) {
        _ = fincore_curl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(data.count))
        guard !data.isEmpty else {
            // A null pointer would make libcurl ask a read callback for the body.
            set(CURLOPT_COPYPOSTFIELDS, "")
            return
        }
        data.withUnsafeBytes { bytes in
            _ = fincore_curl_set_pointer(
                handle, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
        }
    }

    /// Keeps the response's header fields.
    func collectHeaders() {
        _ = fincore_curl_set_pointer(handle, CURLOPT_HEADERDATA, Unmanaged.passUnretained(self).toOpaque())
        _ = fincore_curl_set_data_callback(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            Transfer.from(context)?.receiveHeader(bytes, size * count) ?? 0
        }
    }

    /// Runs the transfer on the loop and waits for its end.
    func perform(on loop: EventLoop) async -> Outcome {
        await withCheckedContinuation { continuation in
            completion = { continuation.resume(returning: $0) }
            loop.submit(self)
        }
    }

    /// Called once by the loop when libcurl is done with the handle.
    func complete(_ result: CURLcode) {
        var status = 0
        var sent = 0
        _ = fincore_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
        _ = fincore_curl_get_long(handle, CURLINFO_REQUEST_SIZE, &sent)
        let text = String(cString: errorText)
        let outcome = Outcome(
            result: result, status: status, headers: headers, body: body, requestBytesSent: sent,
            exceededLimit: exceededLimit,
            detail: text.isEmpty ? String(cString: curl_easy_strerror(result)) : text)
        let completion = self.completion
        self.completion = nil
        completion?(outcome)
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        guard let context else { return nil }
        return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    }

    private func receiveBody(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        guard body.count + count <= maximumBytes else {
            exceededLimit = true
            return 0
        }
        if let bytes { body.append(UnsafeRawPointer(bytes).assumingMemoryBound(to: UInt8.self), count: count) }
        return count
    }

    private func receiveHeader(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        guard let bytes else { return count }
        let line = String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            // A new status line (after 100 Continue): only the final response's fields count.
            headers = HTTPHeaders()
        } else if let colon = line.firstIndex(of: ":") {
            headers.add(
                String(line[..<colon]).trimmingASCIIWhitespace(),
                String(line[line.index(after: colon)...]).trimmingASCIIWhitespace())
        }
        return count
    }
}

extension String {
    fileprivate func trimmingASCIIWhitespace() -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "\n" || $0 == "\r\n" }
        return String(drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}
