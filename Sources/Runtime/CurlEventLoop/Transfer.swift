import CCurl
import Wire

/// One libcurl easy handle on its way through the event loop, with the buffers its callbacks fill.
package final class Transfer: @unchecked Sendable {
    // @unchecked: made by one task, then touched only by the loop's thread until its completion is called.

    /// How a transfer ended.
    package struct Outcome: Sendable {
        package let result: CURLcode
        package let status: Int
        package let headers: HTTPHeaders
        package let body: Bytes
        package let requestBytesSent: Int
        package let exceededLimit: Bool
        package let detail: String
    }

    package let handle: UnsafeMutableRawPointer
    private let maximumBytes: Int
    private var list: UnsafeMutablePointer<curl_slist>?
    private var headers = HTTPHeaders()
    private var body = ByteBuffer()
    private var upload: Upload?
    private var exceededLimit = false
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    private var completion: (@Sendable (Outcome) -> Void)?

    /// A handle with the options that hold for every protocol; `nil` when libcurl has no memory left.
    ///
    /// A timeout of 0 milliseconds means none.
    package init?(url: String, timeoutMilliseconds: Int, connectTimeoutMilliseconds: Int, maximumBytes: Int) {
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

    package func set(_ option: CURLoption, _ value: Int) {
        _ = fincore_curl_set_long(handle, option, value)
    }

    package func set(_ option: CURLoption, _ value: String) {
        _ = fincore_curl_set_string(handle, option, value)
    }

    package func setNull(_ option: CURLoption) {
        _ = fincore_curl_set_string(handle, option, nil)
    }

    /// Sets the request's own header lines.
    package func setHeaderLines(_ lines: [String]) {
        for line in lines { list = curl_slist_append(list, line) }
        _ = fincore_curl_set_list(handle, CURLOPT_HTTPHEADER, list)
    }

    /// Sets the request body; libcurl keeps a copy, because the caller's memory may move.
    package func setBody(_ bytes: UnsafeRawBufferPointer) {
        _ = fincore_curl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
        guard let start = bytes.baseAddress, !bytes.isEmpty else {
            // A null pointer would make libcurl ask a read callback for the body.
            set(CURLOPT_COPYPOSTFIELDS, "")
            return
        }
        _ = fincore_curl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: start))
    }

    /// Sends a chunked body that is written while the transfer runs.
    package func setBody(_ upload: Upload) {
        self.upload = upload
        upload.attach(to: handle)
    }

    /// Keeps the response's header fields.
    package func collectHeaders() {
        _ = fincore_curl_set_pointer(handle, CURLOPT_HEADERDATA, Unmanaged.passUnretained(self).toOpaque())
        _ = fincore_curl_set_data_callback(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            Transfer.from(context)?.receiveHeader(bytes, size * count) ?? 0
        }
    }

    /// Runs the transfer on the loop and waits for its end, which cancelling the task does not hasten.
    package func perform(on loop: EventLoop) async -> Outcome {
        await withCheckedContinuation { continuation in
            completion = { continuation.resume(returning: $0) }
            upload?.resumeTransfer { loop.resume(self) }
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
            result: result, status: status, headers: headers, body: body.takeBytes(), requestBytesSent: sent,
            exceededLimit: exceededLimit,
            detail: text.isEmpty ? String(cString: curl_easy_strerror(result)) : text)
        upload?.detach()
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
        body.append(UnsafeRawBufferPointer(start: bytes, count: count))
        return count
    }

    private func receiveHeader(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        let line = UnsafeRawBufferPointer(start: bytes, count: count)
        if line.starts(with: Self.statusLineStart) {
            // A new status line (after 100 Continue): only the final response's fields count.
            headers = HTTPHeaders()
        } else if let field = HeaderLine.parse(line) {
            headers.add(
                String(decoding: field.name, as: UTF8.self), String(decoding: field.value, as: UTF8.self))
        }
        return count
    }

    private static let statusLineStart = Array("HTTP/".utf8)
}
