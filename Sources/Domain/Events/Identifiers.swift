/// An id as text with a prefix that names what it identifies (`ch_…`). Encoded as a plain string.
public protocol Identifier: RawRepresentable<String>, Hashable, Codable, Sendable, CustomStringConvertible {
    /// The prefix without its underscore.
    static var prefix: String { get }
    init(rawValue: String)
}

extension Identifier {
    /// The id as it is.
    public var description: String { rawValue }

    /// A new id from the generator, which alone decides about time and randomness.
    public static func make(_ generator: some IDGenerator) -> Self {
        Self(rawValue: generator.make(prefix: prefix))
    }
}

/// Identifies a charge, and with it the charge's event stream.
public struct ChargeID: Identifier {
    /// What ids of this kind begin with, without the underscore.
    public static let prefix = "ch"
    /// The whole id, prefix included.
    public let rawValue: String
    /// Takes any text; whether such an id exists is for the store to say.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Identifies a refund of a charge.
public struct RefundID: Identifier {
    /// What ids of this kind begin with, without the underscore.
    public static let prefix = "re"
    /// The whole id, prefix included.
    public let rawValue: String
    /// Takes any text; whether such an id exists is for the store to say.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Identifies a job on the queue.
public struct JobID: Identifier {
    /// What ids of this kind begin with, without the underscore.
    public static let prefix = "job"
    /// The whole id, prefix included.
    public let rawValue: String
    /// Takes any text; whether such an id exists is for the store to say.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Identifies one event of one stream.
public struct EventID: Identifier {
    /// What ids of this kind begin with, without the underscore.
    public static let prefix = "evt"
    /// The whole id, prefix included.
    public let rawValue: String
    /// Takes any text; whether such an id exists is for the store to say.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Identifies the merchant that a charge belongs to.
public struct MerchantID: Identifier {
    /// What ids of this kind begin with, without the underscore.
    public static let prefix = "mer"
    /// The whole id, prefix included.
    public let rawValue: String
    /// Takes any text; whether such an id exists is for the store to say.
    public init(rawValue: String) { self.rawValue = rawValue }
}
