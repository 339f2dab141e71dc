import FoundationEssentials

/// What a business event means for the books: a set of entries that sums to zero per currency. Posted once per event.
public struct LedgerTransaction: Sendable, Hashable {
    /// The kinds of business events that are posted.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A provider took a customer's money.
        case charge
        /// A refund's amount is set aside.
        case refundReserved = "refund_reserved"
        /// A provider returned money to a customer.
        case refund
        /// A refused refund's amount goes back to the merchant.
        case refundReleased = "refund_released"
    }

    /// The event that is posted; unique in the ledger.
    public let eventID: EventID
    /// Our id of the charge.
    public let chargeID: ChargeID
    /// Nil for a charge.
    public let refundID: RefundID?
    /// The merchant the charge belongs to.
    public let merchantID: MerchantID
    /// What kind of business event it is.
    public let kind: Kind
    /// Who moves the money.
    public let provider: Provider
    /// The provider's name of the charge (`charge`, `refund_reserved`) or of the refund (`refund`, `refund_released`),
    /// as far as it is known.
    public let providerReference: String?
    /// When it happened, by our clock.
    public let occurredAt: Date
    /// The lines; they sum to zero per currency.
    public let entries: [LedgerEntry]

    /// Whether the entries sum to zero in every currency. Always true for what `PostingRules` makes.
    public var isBalanced: Bool {
        var sums: [Currency: Int64] = [:]
        for entry in entries {
            let (sum, overflow) = sums[entry.currency, default: 0].addingReportingOverflow(entry.amountMinor)
            guard !overflow else { return false }
            sums[entry.currency] = sum
        }
        return sums.values.allSatisfy { $0 == 0 }
    }
}
