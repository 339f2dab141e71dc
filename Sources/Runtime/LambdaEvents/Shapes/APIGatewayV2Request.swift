import Wire

/// An HTTP request as API Gateway's HTTP API (payload format 2.0) and Lambda function URLs hand it to a function.
///
/// Members that AWS leaves out on an HTTP API and sends as `null` from a function URL mean the same; they are `nil` and
/// are not encoded.
public struct APIGatewayV2Request: Codable, Sendable, Equatable {
    /// Version of the payload format: `2.0`.
    public var version: String
    /// The route that matched, for example `POST /payments`, or `$default`.
    public var routeKey: String
    /// The path, still percent-encoded.
    public var rawPath: String
    /// The query as the client sent it, without the question mark; empty when there is none.
    public var rawQueryString: String
    /// The cookies, each as `name=value`; `nil` when there are none.
    public var cookies: [String]?
    /// The header fields, names in lower case; the values of a repeated one are joined with commas.
    public var headers: [String: String]
    /// The query, percent-decoded; the values of a repeated name are joined with commas (`queryValues` keeps them apart).
    public var queryStringParameters: [String: String]?
    /// What the gateway knows about the request.
    public var requestContext: APIGatewayV2RequestContext
    /// The body; base64 when flagged, `nil` when there is none.
    public var body: String?
    /// What the variables in the route's path stand for.
    public var pathParameters: [String: String]?
    /// Whether `body` is base64.
    public var isBase64Encoded: Bool
    /// The variables of the stage; never from a function URL.
    public var stageVariables: [String: String]?

    /// A request made of its parts.
    public init(
        requestContext: APIGatewayV2RequestContext, rawPath: String, rawQueryString: String = "",
        headers: [String: String] = [:], queryStringParameters: [String: String]? = nil, cookies: [String]? = nil,
        body: String? = nil, isBase64Encoded: Bool = false, pathParameters: [String: String]? = nil,
        stageVariables: [String: String]? = nil
    ) {
        version = "2.0"
        routeKey = requestContext.routeKey
        self.rawPath = rawPath
        self.rawQueryString = rawQueryString
        self.cookies = cookies
        self.headers = headers
        self.queryStringParameters = queryStringParameters
        self.requestContext = requestContext
        self.body = body
        self.pathParameters = pathParameters
        self.isBase64Encoded = isBase64Encoded
        self.stageVariables = stageVariables
    }
}

/// An HTTP request as a Lambda function URL hands it to a function.
public typealias FunctionURLRequest = APIGatewayV2Request

// MARK: Reading

extension APIGatewayV2Request {
    /// The method in upper case.
    public var method: String { requestContext.http.method }

    /// A header field, found without regard to case; `nil` when absent.
    public func header(_ name: String) -> String? { HeaderFields.value(name, in: headers) }

    /// The value of a cookie; `nil` when the client sent none of this name.
    public func cookie(_ name: String) -> String? {
        for cookie in cookies ?? [] {
            let parts = cookie.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, parts[0] == name { return String(parts[1]) }
        }
        return nil
    }

    /// All of the query's values by name, percent-decoded, in the client's order.
    public var queryValues: [String: [String]] { FormText.values(ofQuery: rawQueryString) }

    /// The body's bytes exactly as the client sent them, empty when there is none; `nil` when flagged as base64 but not
    /// base64.
    public var bodyBytes: Bytes? { BodyText.bytes(of: body ?? "", isBase64Encoded: isBase64Encoded) }
}
