import CCurl
import CurlEventLoop
import Synchronization
import Wire

/// Why a streamed response cannot go on.
public enum ResponseStreamError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The Runtime API takes no more: it refused the response or the connection is lost.
    case closed
    /// A head was written after the first bytes of the body.
    case headAfterBody

    public var description: String {
        switch self {
        case .closed: "the Runtime API takes no more of the response"
        case .headAfterBody: "the head of a response comes before its body"
        }
    }
}

/// A response that is sent while it is made, chunk by chunk.
///
/// Lambda takes 200 MB of it, at 2 MB/s after the first 6 MB; `write` waits when Lambda takes less than is written.
public final class ResponseStream: Sendable {
    private struct State {
        var hasBegun = false
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

    /// Whether anything was written: from then on an error can only be told in the trailers.
    var hasBegun: Bool { state.withLock { $0.hasBegun } }

    /// Writes status, header fields and cookies for a function URL; before any body.
    public func writeHead(
        statusCode: Int, headers: [(name: String, value: String)] = [], cookies: [String] = []
    ) async throws(ResponseStreamError) {
        guard !hasBegun else { throw .headAfterBody }
        begin(contentType: RuntimeAPI.ContentType.httpIntegration)
        try await send(Bytes(utf8: HTTPIntegrationHead.text(statusCode, headers, cookies)))
    }

    /// Writes a piece of the body.
    public func write(_ bytes: Bytes) async throws(ResponseStreamError) {
        begin(contentType: RuntimeAPI.ContentType.octetStream)
        try await send(bytes)
    }

    /// Ends the response, with the error in trailers when there is one.
    func finish(failedWith report: ErrorReport? = nil) async throws(RuntimeAPIError) -> ReportOutcome {
        begin(contentType: RuntimeAPI.ContentType.octetStream)
        var trailers: [String] = []
        if let report {
            let document = Base64.encode(Bytes(utf8: report.shortened.json))
            trailers = [
                "\(RuntimeAPI.Header.errorType): \(report.headerType)", "\(RuntimeAPI.Header.errorBody): \(document)",
            ]
        }
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
    private func begin(contentType: String) {
        state.withLock { state in
            guard !state.hasBegun else { return }
            state.hasBegun = true
            guard let transfer = makeTransfer(contentType: contentType) else { return }
            let loop = self.loop
            state.sending = Task(executorPreference: loop) { await transfer.perform(on: loop) }
        }
    }

    private func makeTransfer(contentType: String) -> Transfer? {
        guard
            let transfer = Transfer(
                url: url, timeoutMilliseconds: 0, connectTimeoutMilliseconds: 1_000,
                maximumBytes: Self.maximumAnswerBytes)
        else { return nil }
        transfer.set(CURLOPT_PROTOCOLS_STR, "http")
        transfer.set(CURLOPT_PROXY, "")
        transfer.set(CURLOPT_NOPROXY, "*")
        transfer.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        transfer.set(CURLOPT_TCP_NODELAY, 1)
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
