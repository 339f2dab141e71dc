import Wire

/// A payload that is not the event the handler expects.
public struct LambdaEventError: SafelyDescribed, Sendable, Equatable, CustomStringConvertible {
    /// The type that was expected.
    public let expected: String
    /// Where in the payload, and what is wrong there; never the payload's own values.
    public let detail: String

    /// An error made of its parts.
    public init(expected: String, detail: String) {
        self.expected = expected
        self.detail = detail
    }

    public var description: String { "the payload is not a valid \(expected): \(detail)" }
}

/// What a handler takes: made from the bytes of an invocation's payload.
public protocol LambdaDecodable: Sendable {
    /// Decodes the payload of one invocation.
    init(lambdaPayload: Bytes) throws(LambdaEventError)
}

/// What a handler returns: becomes the bytes of the invocation's response.
public protocol LambdaEncodable: Sendable {
    /// Encodes the response of one invocation.
    func lambdaPayload() throws(LambdaEventError) -> Bytes
}
