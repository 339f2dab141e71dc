import CCurl
import CurlEventLoop
import FoundationEssentials

/// HTTP/1.1 over libcurl on an event loop: keep-alive connections, several requests at once, a deadline on each.
///
/// Redirects are returned, not followed, and only `http` and `https` are spoken: a peer must not choose where a
/// request with credentials goes.
public final class HTTPClient: HTTPTransport {
    /// The largest response taken. No peer of a payment function answers with more; a larger one is a fault.
    public static let maximumResponseBytes = 64 * 1024 * 1024

    let loop: EventLoop
    private let certificateAuthorityFile: String?

    /// A client whose transfers run on `loop`.
    ///
    /// - Parameter certificateAuthorityFile: a PEM file with the roots to trust; `nil` takes libcurl's default.
    public init(loop: EventLoop, certificateAuthorityFile: String? = nil) {
        self.loop = loop
        self.certificateAuthorityFile = certificateAuthorityFile
    }

    public func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
        let transfer = try prepare(request)
        let outcome = await transfer.perform(on: loop)
        guard outcome.result == CURLE_OK else { throw Self.error(of: outcome) }
        return HTTPResponse(status: outcome.status, headers: outcome.headers, body: Data(outcome.body))
    }

    private func prepare(_ request: HTTPRequest) throws(HTTPClientError) -> Transfer {
        for (name, value) in request.headers.pairs
        where (name + value).utf8.contains(where: { $0 == 0x0A || $0 == 0x0D || $0 == 0 }) {
            throw .invalidRequest("header \(name.filter { !$0.isNewline }) holds a line break")
        }
        guard
            let transfer = Transfer(
                url: request.url, timeoutMilliseconds: request.timeoutMilliseconds,
                connectTimeoutMilliseconds: request.connectTimeoutMilliseconds,
                maximumBytes: Self.maximumResponseBytes)
        else { throw .notSent("libcurl could not make a handle") }
        transfer.set(CURLOPT_PROTOCOLS_STR, "http,https")
        transfer.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        transfer.set(CURLOPT_TCP_NODELAY, 1)
        transfer.set(CURLOPT_PATH_AS_IS, 1)
        trustRoots(transfer)
        setMethod(request, on: transfer)
        transfer.collectHeaders()
        return transfer
    }

    private func trustRoots(_ transfer: Transfer) {
        guard let certificateAuthorityFile else { return }
        transfer.set(CURLOPT_CAINFO, certificateAuthorityFile)
        // With a CAPATH set, libcurl reads the directory anew for every connection instead of keeping its store.
        transfer.setNull(CURLOPT_CAPATH)
    }

    private func setMethod(_ request: HTTPRequest, on transfer: Transfer) {
        if request.method == "HEAD" {
            transfer.set(CURLOPT_NOBODY, 1)
        } else {
            if request.body != nil || request.method == "POST" {
                (request.body ?? Data()).withUnsafeBytes(transfer.setBody)
            }
            transfer.set(CURLOPT_CUSTOMREQUEST, request.method)
        }
        // libcurl would add a form content type and wait for 100-continue on its own.
        var lines = ["Expect:"]
        if request.headers["Content-Type"] == nil { lines.append("Content-Type:") }
        if request.headers["Accept"] == nil { lines.append("Accept:") }
        for (name, value) in request.headers.pairs {
            lines.append(value.isEmpty ? "\(name);" : "\(name): \(value)")
        }
        transfer.setHeaderLines(lines)
    }

    static func error(of outcome: Transfer.Outcome) -> HTTPClientError {
        if outcome.exceededLimit { return .responseTooLarge(limitBytes: maximumResponseBytes) }
        if outcome.result == CURLE_URL_MALFORMAT || outcome.result == CURLE_UNSUPPORTED_PROTOCOL {
            return .invalidRequest(outcome.detail)
        }
        if outcome.requestBytesSent == 0 { return .notSent(outcome.detail) }
        return outcome.result == CURLE_OPERATION_TIMEDOUT
            ? .timedOut(outcome.detail) : .connectionLost(outcome.detail)
    }
}
