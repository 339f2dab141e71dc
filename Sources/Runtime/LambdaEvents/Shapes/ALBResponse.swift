import Wire

/// A function's answer to a load balancer.
///
/// The members must be of the target group's header mode: `headers` in single-value mode, `multiValueHeaders` in the
/// other. The load balancer takes none of the wrong mode. `init(to:statusCode:headers:body:)` chooses by the request.
public struct ALBResponse: Codable, Sendable, Equatable {
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

    /// A text answer in single-value mode.
    public init(statusCode: Int, headers: [String: String] = [:], body: String = "") {
        self.statusCode = statusCode
        self.headers = headers
        self.body = body
        isBase64Encoded = false
    }

    /// An answer of bytes in single-value mode: as text when they are UTF-8, else base64.
    public init(statusCode: Int, headers: [String: String] = [:], body: some Sequence<UInt8>) {
        self.init(statusCode: statusCode, headers: headers)
        setBody(body)
    }

    /// A text answer in multi-value mode.
    public init(statusCode: Int, multiValueHeaders: [String: [String]], body: String = "") {
        self.statusCode = statusCode
        self.multiValueHeaders = multiValueHeaders
        self.body = body
        isBase64Encoded = false
    }

    /// An answer of bytes in multi-value mode: as text when they are UTF-8, else base64.
    public init(statusCode: Int, multiValueHeaders: [String: [String]], body: some Sequence<UInt8>) {
        self.init(statusCode: statusCode, multiValueHeaders: multiValueHeaders)
        setBody(body)
    }

    private mutating func setBody(_ bytes: some Sequence<UInt8>) {
        let encoded = BodyText.encoded(bytes)
        body = encoded.text
        isBase64Encoded = encoded.isBase64Encoded
    }
}

// MARK: In the mode of a request

extension ALBResponse {
    /// A text answer in the header mode of the request that it answers.
    ///
    /// - Parameter headers: the header fields in order. A name may come several times; in single-value mode, which
    ///   cannot say that, the values are joined with commas (RFC 9110, 5.3), and of `Set-Cookie`, which no comma may
    ///   join, the last one stays.
    public init(
        to request: ALBRequest, statusCode: Int, headers: [(name: String, value: String)] = [], body: String = ""
    ) {
        var fields: [(name: String, values: [String])] = []
        for (name, value) in headers {
            if let index = fields.firstIndex(where: { ASCII.equalIgnoringCase($0.name.utf8, name.utf8) }) {
                fields[index].values.append(value)
            } else {
                fields.append((name, [value]))
            }
        }
        let byName = Dictionary(fields.map { ($0.name, $0.values) }, uniquingKeysWith: +)
        if request.isMultiValue {
            self.init(statusCode: statusCode, multiValueHeaders: byName, body: body)
        } else {
            let joined = byName.map { name, values in
                let isCookie = ASCII.equalIgnoringCase(name.utf8, "set-cookie".utf8)
                return (name, isCookie ? values.suffix(1).joined() : values.joined(separator: ", "))
            }
            self.init(
                statusCode: statusCode, headers: Dictionary(uniqueKeysWithValues: joined), body: body)
        }
    }

    /// An answer of bytes in the header mode of the request that it answers; see the one for text.
    public init(
        to request: ALBRequest, statusCode: Int, headers: [(name: String, value: String)] = [],
        body: some Sequence<UInt8>
    ) {
        self.init(to: request, statusCode: statusCode, headers: headers)
        setBody(body)
    }

    /// The last value of a header field, found without regard to case; `nil` when absent.
    public func header(_ name: String) -> String? {
        HeaderFields.value(name, in: headers) ?? HeaderFields.value(name, in: multiValueHeaders)?.last
    }

    /// The body's bytes, empty when there is none; `nil` when flagged as base64 but not base64.
    public var bodyBytes: Bytes? { BodyText.bytes(of: body ?? "", isBase64Encoded: isBase64Encoded) }
}
