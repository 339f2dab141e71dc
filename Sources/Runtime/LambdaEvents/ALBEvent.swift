import FoundationEssentials

/// An HTTP request as an Application Load Balancer hands it to a function, in either header mode.
public struct ALBRequest: Codable, Sendable, Equatable, LambdaDecodable, LambdaEncodable {
    /// Where the request came through.
    public struct RequestContext: Codable, Sendable, Equatable {
        /// The load balancer's part.
        public struct LoadBalancer: Codable, Sendable, Equatable {
            /// The target group that chose the function.
            public var targetGroupARN: String

            enum CodingKeys: String, CodingKey {
                case targetGroupARN = "targetGroupArn"
            }
        }

        /// The load balancer's part.
        public var elb: LoadBalancer
    }

    /// Where the request came through.
    public var requestContext: RequestContext
    /// The method in upper case.
    public var httpMethod: String
    /// The path, percent-encoded as the client sent it.
    public var path: String
    /// The query in single-value mode; values are **not** percent-decoded (unlike API Gateway's).
    public var queryStringParameters: [String: String]?
    /// The query in multi-value mode.
    public var multiValueQueryStringParameters: [String: [String]]?
    /// The header fields in single-value mode, names in lower case.
    public var headers: [String: String]?
    /// The header fields in multi-value mode.
    public var multiValueHeaders: [String: [String]]?
    /// The body; base64 when flagged, empty when there is none.
    public var body: String
    /// Whether `body` is base64.
    public var isBase64Encoded: Bool

    /// A request made of its parts, in single-value mode.
    public init(
        targetGroupARN: String, httpMethod: String, path: String, queryStringParameters: [String: String] = [:],
        headers: [String: String] = [:], body: String = "", isBase64Encoded: Bool = false
    ) {
        requestContext = RequestContext(elb: .init(targetGroupARN: targetGroupARN))
        self.httpMethod = httpMethod
        self.path = path
        self.queryStringParameters = queryStringParameters
        self.headers = headers
        self.body = body
        self.isBase64Encoded = isBase64Encoded
    }

    /// The last value of a header field, found without regard to case; `nil` when absent.
    public func header(_ name: String) -> String? {
        let name = name.lowercased()
        if let value = headers?.first(where: { $0.key.lowercased() == name })?.value { return value }
        return multiValueHeaders?.first { $0.key.lowercased() == name }?.value.last
    }

    /// The query's values by name, percent-decoded; of a repeated name the last.
    public var queryParameters: [String: String] {
        let raw = queryStringParameters ?? multiValueQueryStringParameters?.compactMapValues(\.last) ?? [:]
        return Dictionary(
            raw.map { (Self.percentDecoded($0.key), Self.percentDecoded($0.value)) },
            uniquingKeysWith: { _, last in last })
    }

    /// The body's bytes exactly as the client sent them; `nil` when flagged as base64 but not base64.
    public var bodyBytes: Data? {
        isBase64Encoded ? Data(base64Encoded: body) : Data(body.utf8)
    }

    private static func percentDecoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A function's answer to a load balancer.
public struct ALBResponse: Codable, Sendable, Equatable, LambdaDecodable, LambdaEncodable {
    /// The HTTP status.
    public var statusCode: Int
    /// Code and reason, for example `200 OK`.
    public var statusDescription: String?
    /// Whether `body` is base64.
    public var isBase64Encoded: Bool
    /// The header fields (single-value mode).
    public var headers: [String: String]?
    /// The header fields (multi-value mode).
    public var multiValueHeaders: [String: [String]]?
    /// The body.
    public var body: String?

    /// A text answer.
    public init(statusCode: Int, headers: [String: String] = [:], body: String = "") {
        self.statusCode = statusCode
        self.headers = headers
        self.body = body
        isBase64Encoded = false
    }

    /// An answer of bytes: as text when they are UTF-8, else base64.
    public init(statusCode: Int, headers: [String: String] = [:], body: Data) {
        self.init(statusCode: statusCode, headers: headers)
        if let text = String(validating: body, as: UTF8.self) {
            self.body = text
        } else {
            self.body = body.base64EncodedString()
            isBase64Encoded = true
        }
    }
}
