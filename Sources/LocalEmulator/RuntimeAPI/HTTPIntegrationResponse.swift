import CurlEventLoop
import Foundation

/// An HTTP response as a streaming function writes it: a JSON prelude with status, headers and cookies, eight NUL bytes,
/// and the body.
public struct HTTPIntegrationResponse: Sendable, Equatable {
    /// The content type that tells such a response from plain bytes.
    public static let contentType = "application/vnd.awslambda.http-integration-response"
    /// What stands between prelude and body.
    static let separator = Data(count: 8)

    /// The status.
    public var statusCode: Int
    /// The header fields, in order of name, and one `Set-Cookie` for each cookie after them.
    public var headers: HTTPHeaders
    /// The body.
    public var body: Data

    /// Whether a result is meant as an HTTP response.
    public static func isContent(of result: InvocationResult) -> Bool {
        result.functionError == nil && result.contentType.lowercased() == contentType
    }

    /// Takes a response apart.
    ///
    /// - Returns: `nil` when there is no separator, the prelude is no JSON object, or its status is none.
    public init?(_ payload: Data) {
        guard let separator = payload.range(of: Self.separator),
            let prelude = try? JSONValue(parsing: Data(payload[..<separator.lowerBound])),
            prelude.objectValue != nil
        else { return nil }
        let statusCode = prelude["statusCode"].map { $0.intValue ?? 0 } ?? 200
        guard (100...599).contains(statusCode) else { return nil }
        self.statusCode = statusCode
        headers = HTTPHeaders()
        for (name, value) in (prelude["headers"]?.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard let text = Self.fieldValue(value) else { return nil }
            headers.add(name, text)
        }
        for cookie in prelude["cookies"]?.arrayValue ?? [] {
            guard let text = Self.fieldValue(cookie) else { return nil }
            headers.add("Set-Cookie", text)
        }
        body = Data(payload[separator.upperBound...])
    }

    /// A value that can stand in a header: a line break would begin another field.
    private static func fieldValue(_ value: JSONValue) -> String? {
        guard let text = value.stringValue, !text.utf8.contains(where: { $0 == 0x0D || $0 == 0x0A || $0 == 0 }) else {
            return nil
        }
        return text
    }

    /// The response for an HTTP client.
    public var serverResponse: HTTPServerResponse {
        var headers = headers
        headers["Content-Length"] = nil
        return .reply(status: statusCode, headers: headers, body: body)
    }
}
