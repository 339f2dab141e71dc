import CCurl
import CurlEventLoop
import Synchronization
import Wire

/// Why a streamed response cannot go on.
public enum ResponseStreamError: SafelyDescribed, Sendable, Equatable, CustomStringConvertible {
    /// Nothing more is taken: the Runtime API refused the response, the connection is lost, or the handler has ended.
    case closed
    /// A head was written after the first bytes of the body.
    case headAfterBody

    public var description: String {
        switch self {
        case .closed: "nothing more of the response is taken"
        case .headAfterBody: "the head of a response comes before its body"
        }
    }
}

/// A response that is sent while it is made, chunk by chunk.
///
/// Lambda takes 200 MB of it, at 2 MB/s after the first 6 MB; `write` waits when Lambda takes less than is written.
/// Any task may write, also several at once. The response ends with the handler: what is written later, by tasks that
/// it did not wait for, fails with `closed`. A handler that never writes makes an empty response.
public final class ResponseStream: Sendable {
    private enum Phase {
        case unopened, open, ended
    }

    private struct State {
        var phase = Phase.unopened
        var sending: Task<Transfer.Outcome, Never>?
    }

    private let url: String
    private let loop: EventLoop
    private let upload = Upload()
    private let state = Mutex(State())

    init(url: String, loop: EventLoop) {
        self.url = url
        self.loop = loop
    }

    /// Whether a request was made: from then on an error can only be told in the trailers.
    var hasBegun: Bool { state.withLock { $0.sending != nil } }

    /// Writes status, header fields and cookies for a function URL; before any body.
    public func writeHead(
        statusCode: Int, headers: [(name: String, value: String)] = [], cookies: [String] = []
    ) async throws(ResponseStreamError) {
        try state.withLock { (state) throws(ResponseStreamError) in
            switch state.phase {
            case .unopened: open(&state, contentType: RuntimeAPI.ContentType.httpIntegration)
            case .open: throw .headAfterBody
            case .ended: throw .closed
            }
        }
        try await send(Bytes(utf8: HTTPIntegrationHead.text(statusCode, headers, cookies)))
    }

    /// Writes a piece of the body; an empty one only begins the response.
    public func write(_ bytes: Bytes) async throws(ResponseStreamError) {
        try state.withLock { (state) throws(ResponseStreamError) in
            switch state.phase {
            case .unopened: open(&state, contentType: RuntimeAPI.ContentType.octetStream)
            case .open: break
            case .ended: throw .closed
            }
        }
        try await send(bytes)
    }

    /// Ends the response, which is empty when nothing was written.
    func finish() async throws(RuntimeAPIError) -> ReportOutcome {
        state.withLock { state in
            if state.phase == .unopened { open(&state, contentType: RuntimeAPI.ContentType.octetStream) }
            state.phase = .ended
        }
        return try await end(trailers: [])
    }

    /// Ends the response with an error in its trailers.
    ///
    /// - Returns: `nil` when nothing was written, nor will be: the error is an ordinary one.
    func finish(failedWith report: ErrorReport) async throws(RuntimeAPIError) -> ReportOutcome? {
        let phase = state.withLock { state in
            defer { state.phase = .ended }
            return state.phase
        }
        guard phase != .unopened else { return nil }
        return try await end(trailers: ErrorTrailers.lines(report))
    }

    private func end(trailers: [String]) async throws(RuntimeAPIError) -> ReportOutcome {
        upload.finish(trailers: trailers)
        guard let outcome = await state.withLock({ $0.sending })?.value else {
            throw .gone(operation: "response", reason: "libcurl could not make a handle")
        }
        guard outcome.result == CURLE_OK else { throw .gone(operation: "response", reason: outcome.detail) }
        return try ReportOutcome("response", status: outcome.status)
    }

    private func send(_ bytes: Bytes) async throws(ResponseStreamError) {
        guard await upload.write(bytes) else { throw .closed }
    }

    /// Opens the request when the first bytes are there, so that an early error is still an ordinary one.
    private func open(_ state: inout State, contentType: String) {
        state.phase = .open
        guard let transfer = makeTransfer(contentType: contentType) else { return upload.detach() }
        let loop = self.loop
        state.sending = Task(executorPreference: loop) { await transfer.perform(on: loop) }
    }

    private func makeTransfer(contentType: String) -> Transfer? {
        guard
            let transfer = Transfer(
                url: url, timeoutMilliseconds: 0, connectTimeoutMilliseconds: 1_000,
                maximumBytes: Self.maximumAnswerBytes)
        else { return nil }
        Transfer.configureForRuntimeAPI(transfer.handle)
        // What was written is gone once it is sent. On a kept connection that the API has closed meanwhile it would
        // have to be sent again.
        transfer.set(CURLOPT_FRESH_CONNECT, 1)
        transfer.set(CURLOPT_FORBID_REUSE, 1)
        transfer.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        transfer.set(CURLOPT_PATH_AS_IS, 1)
        transfer.set(CURLOPT_USERAGENT, RuntimeAPI.userAgent)
        transfer.set(CURLOPT_POST, 1)
        transfer.setHeaderLines([
            "Content-Type: \(contentType)", "\(RuntimeAPI.Header.responseMode): streaming",
            "Transfer-Encoding: chunked", "Expect:",
            "Trailer: \(RuntimeAPI.Header.errorType), \(RuntimeAPI.Header.errorBody)",
        ])
        transfer.setBody(upload)
        return transfer
    }

    /// `{"status":"OK"}` or an error document.
    private static let maximumAnswerBytes = 64 * 1024
}

/// What a streamed HTTP response begins with: a JSON document and eight zero bytes.
enum HTTPIntegrationHead {
    static func text(_ statusCode: Int, _ headers: [(name: String, value: String)], _ cookies: [String]) -> String {
        var text = "{\"statusCode\":\(statusCode),\"headers\":{"
        // A JSON object holds one value per name; HTTP joins repeated fields with a comma (RFC 9110, 5.3).
        var names: [String] = []
        var values: [String: String] = [:]
        for (name, value) in headers {
            let key = name.lowercased()
            if let earlier = values[key] {
                values[key] = "\(earlier), \(value)"
            } else {
                names.append(key)
                values[key] = value
            }
        }
        text += names.map { "\(JSONText.string($0)):\(JSONText.string(values[$0] ?? ""))" }.joined(separator: ",")
        text += "},\"cookies\":[\(cookies.map(JSONText.string).joined(separator: ","))]}"
        return text + String(repeating: "\0", count: 8)
    }
}
