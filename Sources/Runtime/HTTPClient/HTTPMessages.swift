import CurlEventLoop
import FoundationEssentials
import Wire

/// One HTTP request.
public struct HTTPRequest: Sendable {
    /// The method in upper case.
    public var method: String
    /// An absolute `http` or `https` URL, already percent-encoded; it is sent as it stands.
    public var url: String
    /// Header fields; `Host`, `Content-Length` and `Connection` are the client's.
    public var headers: HTTPHeaders
    /// The body; `nil` sends none.
    public var body: Data?
    /// The limit on the whole exchange, from the first look-up to the last byte of the response.
    public var timeoutMilliseconds: Int
    /// The limit on look-up, connecting and TLS.
    public var connectTimeoutMilliseconds: Int

    /// A request with the usual limits.
    public init(
        method: String = "GET", url: String, headers: HTTPHeaders = [:], body: Data? = nil,
        timeoutMilliseconds: Int = 30_000, connectTimeoutMilliseconds: Int = 5_000
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeoutMilliseconds = timeoutMilliseconds
        self.connectTimeoutMilliseconds = connectTimeoutMilliseconds
    }
}

/// One complete HTTP response, whatever its status.
public struct HTTPResponse: Sendable {
    /// The status code.
    public var status: Int
    /// The header fields of the final response.
    public var headers: HTTPHeaders
    /// The body, decoded from its transfer coding.
    public var body: Data

    /// A response made of its parts.
    public init(status: Int, headers: HTTPHeaders = [:], body: Data = Data()) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Why no complete response came.
///
/// The one question a caller that moves money has is whether the peer may have acted; the cases answer it.
public enum HTTPClientError: SafelyDescribed, Sendable, Equatable {
    /// The request could not be formed: nothing was sent.
    case invalidRequest(String)
    /// Look-up, connecting or TLS failed: the peer saw nothing of the request.
    case notSent(String)
    /// The deadline passed after something was sent: the peer may have acted.
    case timedOut(String)
    /// The connection broke after something was sent: the peer may have acted.
    case connectionLost(String)
    /// The response was larger than the client takes; the peer has acted.
    case responseTooLarge(limitBytes: Int)

    /// Whether the peer may have seen and acted on the request.
    public var requestMayHaveBeenProcessed: Bool {
        switch self {
        case .invalidRequest, .notSent: false
        case .timedOut, .connectionLost, .responseTooLarge: true
        }
    }
}

extension HTTPClientError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidRequest(let reason): "invalid request: \(reason)"
        case .notSent(let reason): "not sent: \(reason)"
        case .timedOut(let reason): "no answer in time: \(reason)"
        case .connectionLost(let reason): "connection lost: \(reason)"
        case .responseTooLarge(let limit): "response larger than \(limit) bytes"
        }
    }
}

/// Whatever carries a request to its peer: libcurl in a function, a script in a test.
public protocol HTTPTransport: Sendable {
    /// Sends one request and returns the complete response, whatever its status.
    func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse
}
