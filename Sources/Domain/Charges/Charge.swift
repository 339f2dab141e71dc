import FoundationEssentials

/// The state of a charge: the fold of its events. Made and changed only by `ChargeRules.apply`.
public struct Charge: Sendable, Equatable {
    /// Our id.
    public let id: ChargeID
    /// The merchant the charge belongs to.
    public let merchantID: MerchantID
    /// What was asked for.
    public let amount: Money
    /// When the money is taken.
    public let captureMode: CaptureMode
    /// The provider's token for the payment method; never card data.
    public let paymentMethod: String
    /// What the charge is for, in the merchant's words.
    public let description: String?
    /// The merchant's own key-value pairs.
    public let metadata: [String: String]
    /// Where the customer can be reached, if the merchant said so.
    public let customerEmail: String?
    /// When the merchant asked for it.
    public let initiatedAt: Date

    /// Version of the last applied event.
    public internal(set) var version: Int
    /// Where it stands.
    public internal(set) var status: ChargeStatus
    /// What the risk engine said before any provider was asked.
    public internal(set) var risk: RiskAssessment?
    /// The provider of the present attempt; nil before the first.
    public internal(set) var provider: Provider?
    /// Number of the present attempt, from 1; 0 before the first.
    public internal(set) var attempt: Int
    /// The provider's name of the charge, once known.
    public internal(set) var providerReference: String?
    /// Set when the charge failed.
    public internal(set) var failure: ChargeFailure?

    /// Held by the provider, captured part included, in minor units of the charge's currency.
    public internal(set) var authorizedMinor: Int64
    /// Taken, in minor units.
    public internal(set) var capturedMinor: Int64
    /// Gone back, in minor units.
    public internal(set) var refundedMinor: Int64
    /// Held back for refunds without a definitive outcome, in minor units.
    public internal(set) var refundReservedMinor: Int64
    /// In the order in which they were asked for.
    public internal(set) var refunds: [Refund]

    /// Contradictions between the provider and us, oldest first.
    public internal(set) var quarantines: [ChargeQuarantined]

    /// Whether people have to look at this charge before its books can be trusted.
    public var quarantined: Bool { !quarantines.isEmpty }

    /// Why we refused the charge ourselves, before any provider was asked; nil for every other charge, also for one that
    /// a provider refused for a reason of the same name.
    public var refusalWithoutProvider: ChargeFailure? { provider == nil ? failure : nil }

    /// The one currency of the charge and its refunds.
    public var currency: Currency { amount.currency }

    /// What can still be refunded: captured, less what went back, less what is reserved.
    public var refundable: Money {
        Money(amountMinor: capturedMinor - refundedMinor - refundReservedMinor, currency: currency)
    }

    /// The refund with this id, if it belongs to this charge.
    public func refund(_ id: RefundID) -> Refund? {
        refunds.first { $0.id == id }
    }
}

extension Charge {
    /// The first broken money invariant in words, or nil when all hold:
    /// `0 <= refunded + reserved <= captured <= authorized <= amount`, and the totals are those of the refunds.
    var brokenInvariant: String? {
        func total(where isIncluded: (RefundStatus) -> Bool) -> Int64 {
            refunds.filter { isIncluded($0.status) }.reduce(0) { $0 + $1.amount.amountMinor }
        }
        if refundedMinor < 0 || refundReservedMinor < 0 { return "a refund total is negative" }
        if refundedMinor + refundReservedMinor > capturedMinor { return "refunds exceed the captured amount" }
        if capturedMinor > authorizedMinor { return "captured exceeds authorized" }
        if authorizedMinor > amount.amountMinor { return "authorized exceeds the charge's amount" }
        if refundedMinor != total(where: { $0 == .succeeded }) { return "refunded is not the sum of refunds" }
        if refundReservedMinor != total(where: \.isReserving) { return "reserved is not the sum of open refunds" }
        return nil
    }
}
