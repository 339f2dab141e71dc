import Wire

/// An HTTP request as an Application Load Balancer hands it to a function, in either header mode.
///
/// The target group's attribute `lambda.multi_value_headers.enabled` decides which of the two pairs of members there
/// is; `header(_:)`, `headerValues(_:)`, `queryParameters` and `queryValues` read both alike.
public struct ALBRequest: Codable, Sendable, Equatable {
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
    /// The query in multi-value mode; values are not percent-decoded either.
    public var multiValueQueryStringParameters: [String: [String]]?
    /// The header fields in single-value mode, names in lower case.
    public var headers: [String: String]?
    /// The header fields in multi-value mode, names in lower case.
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

    /// A request made of its parts, in multi-value mode.
    public init(
        targetGroupARN: String, httpMethod: String, path: String,
        multiValueQueryStringParameters: [String: [String]], multiValueHeaders: [String: [String]], body: String = "",
        isBase64Encoded: Bool = false
    ) {
        requestContext = RequestContext(elb: .init(targetGroupARN: targetGroupARN))
        self.httpMethod = httpMethod
        self.path = path
        self.multiValueQueryStringParameters = multiValueQueryStringParameters
        self.multiValueHeaders = multiValueHeaders
        self.body = body
        self.isBase64Encoded = isBase64Encoded
    }
}

// MARK: Reading

extension ALBRequest {
    /// Whether the target group is in multi-value mode; the answer must then be too.
    public var isMultiValue: Bool { multiValueHeaders != nil }

    /// The last value of a header field, found without regard to case; `nil` when absent.
    public func header(_ name: String) -> String? { headerValues(name).last }

    /// All values of a header field, found without regard to case; in single-value mode at most the last one.
    public func headerValues(_ name: String) -> [String] {
        HeaderFields.value(name, in: headers).map { [$0] } ?? HeaderFields.value(name, in: multiValueHeaders) ?? []
    }

    /// The query's values by name, percent-decoded; of a repeated name the last.
    public var queryParameters: [String: String] { queryValues.compactMapValues(\.last) }

    /// All of the query's values by name, percent-decoded; in single-value mode only the last of each.
    public var queryValues: [String: [String]] {
        let raw = multiValueQueryStringParameters ?? queryStringParameters?.mapValues { [$0] } ?? [:]
        var values: [String: [String]] = [:]
        // Two spellings of one name come together, in an order that does not change from run to run.
        for (name, list) in raw.sorted(by: { $0.key < $1.key }) {
            values[FormText.decoded(name), default: []] += list.map { FormText.decoded($0) }
        }
        return values
    }

    /// The body's bytes exactly as the client sent them; `nil` when flagged as base64 but not base64.
    public var bodyBytes: Bytes? { BodyText.bytes(of: body, isBase64Encoded: isBase64Encoded) }
}
