import CurlEventLoop
import Foundation

/// One request as the server read it, not yet interpreted.
public struct HTTPServerRequest: Sendable {
    /// The method as sent.
    public var method: String
    /// The request target as sent: path and query, still percent-encoded.
    public var target: String
    /// The header fields.
    public var headers: HTTPHeaders
    /// The body, decoded from its transfer coding.
    public var body: Data
    /// Fields that followed a chunked body.
    public var trailers: HTTPHeaders
    /// Whether `body` is all that was to come; anything else is seen only where the server's body policy says so.
    public var bodyCompleteness: HTTPBodyCompleteness
    /// The peer's address.
    public var remoteAddress: String

    /// A request made of its parts.
    public init(
        method: String, target: String, headers: HTTPHeaders = [:], body: Data = Data(), trailers: HTTPHeaders = [:],
        bodyCompleteness: HTTPBodyCompleteness = .complete, remoteAddress: String = "127.0.0.1"
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.trailers = trailers
        self.bodyCompleteness = bodyCompleteness
        self.remoteAddress = remoteAddress
    }

    /// The path, still percent-encoded.
    public var path: String {
        target.firstIndex(of: "?").map { String(target[..<$0]) } ?? target
    }

    /// The query without its question mark, still percent-encoded; empty when there is none.
    public var query: String {
        target.firstIndex(of: "?").map { String(target[target.index(after: $0)...]) } ?? ""
    }

    /// The query's names and values, percent-decoded, `+` read as a space.
    public func queryItems() -> [(String, String)] {
        FormEncoding.decode(query)
    }

    /// The path's segments, percent-decoded.
    public var pathSegments: [String] {
        path.split(separator: "/").map { String($0).removingPercentEncoding ?? String($0) }
    }
}

/// What the server does with a request.
public enum HTTPServerResponse: Sendable {
    /// Answers.
    case reply(status: Int, headers: HTTPHeaders, body: Data)
    /// Never answers: holds the connection until the peer goes, as a server that lost its mind does.
    case hang
    /// Closes the connection at once without an answer.
    case reset

    /// An answer in JSON.
    public static func json(
        _ status: Int, _ value: JSONValue, headers: HTTPHeaders = [:], contentType: String = "application/json"
    ) -> HTTPServerResponse {
        var headers = headers
        headers["Content-Type"] = contentType
        return .reply(status: status, headers: headers, body: value.serialized())
    }

    /// An answer in plain text.
    public static func text(_ status: Int, _ text: String, contentType: String = "text/plain; charset=utf-8")
        -> HTTPServerResponse
    {
        .reply(status: status, headers: ["Content-Type": contentType], body: Data(text.utf8))
    }
}

/// `application/x-www-form-urlencoded`, as used by queries, forms and AWS's query protocol.
public enum FormEncoding {
    /// Splits into names and values, in order, both percent-decoded with `+` as a space.
    public static func decode(_ text: String) -> [(String, String)] {
        text.split(separator: "&").map { item in
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (unescape(parts[0]), parts.count == 2 ? unescape(parts[1]) : "")
        }
    }

    private static func unescape(_ text: Substring) -> String {
        let spaced = text.replacingOccurrences(of: "+", with: " ")
        return spaced.removingPercentEncoding ?? spaced
    }
}
