import FoundationEssentials

/// A money movement in our ledger that a provider has to account for in a settlement file.
public struct LedgerSettlementItem: Sendable, Hashable {
    /// What the provider did.
    public enum Subject: Sendable, Hashable {
        /// It took the charge's money.
        case charge
        /// It returned money of the charge.
        case refund(RefundID)
    }

    /// The event behind the ledger transaction.
    public let eventID: EventID
    /// What it is about.
    public let subject: Subject
    /// Our id of the charge.
    public let chargeID: ChargeID
    /// The provider's name of the charge or the refund.
    public let providerReference: String?
    /// Signed like the provider's gross: charges positive, refunds negative.
    public let amount: Money
    /// When it happened, by our clock.
    public let occurredAt: Date

    /// Memberwise; each part is described on its property.
    public init(
        eventID: EventID,
        subject: Subject,
        chargeID: ChargeID,
        providerReference: String?,
        amount: Money,
        occurredAt: Date
    ) {
        self.eventID = eventID
        self.subject = subject
        self.chargeID = chargeID
        self.providerReference = providerReference
        self.amount = amount
        self.occurredAt = occurredAt
    }
}
