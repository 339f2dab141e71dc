import FoundationEssentials

/// A refund of a charge, in full or in part.
public struct Refund: Sendable, Hashable {
    /// Our id.
    public let id: RefundID
    /// How much.
    public let amount: Money
    /// The merchant's reason.
    public let reason: String?
    /// When the merchant asked for it.
    public let initiatedAt: Date
    /// Where it stands.
    public internal(set) var status: RefundStatus
    /// The provider's name of the refund, once known.
    public internal(set) var providerReference: String?
    /// Set when the refund failed.
    public internal(set) var failure: ChargeFailure?
}
