import FoundationEssentials

/// An event of a type that a later build introduced. Carried so that nothing is lost on the way through older code.
public struct UnrecognizedEvent: Sendable, Equatable {
    /// The type's name on the wire.
    public let type: String
    /// The whole envelope exactly as it was received; it is written again byte for byte.
    public let originalBytes: Data

    /// Memberwise; each part is described on its property.
    public init(type: String, originalBytes: Data) {
        self.type = type
        self.originalBytes = originalBytes
    }
}
