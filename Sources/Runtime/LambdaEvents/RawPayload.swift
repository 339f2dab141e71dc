import Wire

/// A payload passed through as it is.
public struct RawPayload: LambdaDecodable, LambdaEncodable, Equatable {
    /// The bytes.
    public var bytes: Bytes

    /// A payload of these bytes.
    public init(_ bytes: Bytes) {
        self.bytes = bytes
    }

    public init(lambdaPayload: Bytes) {
        bytes = lambdaPayload
    }

    public func lambdaPayload() -> Bytes { bytes }
}
