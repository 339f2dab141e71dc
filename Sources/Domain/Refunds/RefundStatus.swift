/// Where a refund stands. Raw values are the public API's.
public enum RefundStatus: String, Hashable, Codable, Sendable, CaseIterable {
    /// Accepted and reserved; the outcome is not known yet.
    case pending = "PENDING"
    /// The money went back.
    case succeeded = "SUCCEEDED"
    /// Definitively refused; nothing was returned.
    case failed = "FAILED"
    /// The provider may or may not have executed it. The amount stays reserved until that is established.
    case unknown = "UNKNOWN"

    /// Whether the amount is held back from further refunds although it has not gone back yet.
    public var isReserving: Bool {
        switch self {
        case .pending, .unknown: true
        case .succeeded, .failed: false
        }
    }
}
