import FoundationEssentials

/// One line of a provider's settlement file.
public struct SettlementRow: Sendable, Hashable {
    /// Number of the data row, from 1 (the header is not counted).
    public let rowNumber: Int
    /// The provider's id of the money movement, unique per movement.
    public let balanceTransactionID: String
    /// The object that moved the money (`ch_…`, `re_…`); nil for stand-alone fees and the like.
    public let sourceID: String?
    /// The payment the movement belongs to.
    public let paymentIntentID: String?
    /// What the row is about.
    public let category: SettlementCategory
    /// Signed: charges positive, refunds negative.
    public let gross: Money
    /// The provider's fee in minor units of `gross.currency`.
    public let feeMinor: Int64
    /// `gross - fee`, as stated by the provider and checked.
    public let netMinor: Int64
    /// When the money moved, UTC.
    public let created: Date
    /// Our charge id, when the provider passes it back.
    public let chargeID: ChargeID?
    /// Our refund id, when the provider passes it back.
    public let refundID: RefundID?

    /// Memberwise; each part is described on its property.
    public init(
        rowNumber: Int,
        balanceTransactionID: String,
        sourceID: String?,
        paymentIntentID: String?,
        category: SettlementCategory,
        gross: Money,
        feeMinor: Int64,
        netMinor: Int64,
        created: Date,
        chargeID: ChargeID?,
        refundID: RefundID?
    ) {
        self.rowNumber = rowNumber
        self.balanceTransactionID = balanceTransactionID
        self.sourceID = sourceID
        self.paymentIntentID = paymentIntentID
        self.category = category
        self.gross = gross
        self.feeMinor = feeMinor
        self.netMinor = netMinor
        self.created = created
        self.chargeID = chargeID
        self.refundID = refundID
    }
}
