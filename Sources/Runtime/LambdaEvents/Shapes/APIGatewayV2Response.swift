import Wire

/// A function's answer to API Gateway's HTTP API (payload format 2.0) or to a Lambda function URL.
///
/// A result of any other shape, one without `statusCode`, AWS takes as the body of a 200 of type `application/json`.
public struct APIGatewayV2Response: Codable, Sendable, Equatable {
    /// The HTTP status.
    public var statusCode: Int
    /// The header fields; several values of one are joined with commas.
    public var headers: [String: String]?
    /// The body.
    public var body: String?
    /// Values of `Set-Cookie` fields, one for each cookie.
    public var cookies: [String]?
    /// Whether `body` is base64; AWS takes its absence for `false`.
    public var isBase64Encoded: Bool?

    /// A text answer.
    public init(statusCode: Int, headers: [String: String] = [:], cookies: [String]? = nil, body: String = "") {
        self.statusCode = statusCode
        self.headers = headers
        self.body = body
        self.cookies = cookies
        isBase64Encoded = false
    }

    /// An answer of bytes: as text when they are UTF-8, else base64.
    public init(
        statusCode: Int, headers: [String: String] = [:], cookies: [String]? = nil, body: some Sequence<UInt8>
    ) {
        let encoded = BodyText.encoded(body)
        self.init(statusCode: statusCode, headers: headers, cookies: cookies, body: encoded.text)
        isBase64Encoded = encoded.isBase64Encoded
    }
}

/// A function's answer to a Lambda function URL.
public typealias FunctionURLResponse = APIGatewayV2Response

// MARK: Reading

extension APIGatewayV2Response {
    /// A header field, found without regard to case; `nil` when absent.
    public func header(_ name: String) -> String? { HeaderFields.value(name, in: headers) }

    /// The body's bytes, empty when there is none; `nil` when flagged as base64 but not base64.
    public var bodyBytes: Bytes? { BodyText.bytes(of: body ?? "", isBase64Encoded: isBase64Encoded ?? false) }
}
