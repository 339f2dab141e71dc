/// One finding: a row, a ledger item, or both when they were paired.
public struct ReconciliationLine: Sendable, Hashable {
    /// Where it belongs.
    public let classification: ReconciliationClass
    /// The row of the file; nil when the ledger item has none.
    public let row: SettlementRow?
    /// The ledger item; nil when the row has none.
    public let item: LedgerSettlementItem?
    /// One sentence for people; empty when there is nothing to explain.
    public let detail: String

    init(
        _ classification: ReconciliationClass,
        row: SettlementRow? = nil,
        item: LedgerSettlementItem? = nil,
        detail: String = ""
    ) {
        self.classification = classification
        self.row = row
        self.item = item
        self.detail = detail
    }
}

/// What the file says moved in one currency, in minor units.
public struct SettlementTotals: Sendable, Hashable {
    /// How many rows.
    public internal(set) var rows = 0
    /// Before fees.
    public internal(set) var grossMinor: Int64 = 0
    /// What the provider keeps.
    public internal(set) var feeMinor: Int64 = 0
    /// What the provider pays out.
    public internal(set) var netMinor: Int64 = 0
}

/// The result of comparing a settlement file with the ledger.
public struct ReconciliationReport: Sendable, Equatable {
    /// File rows in file order, then ledger items without a row in the order they were given.
    public let lines: [ReconciliationLine]
    /// By currency.
    public let totals: [Currency: SettlementTotals]

    /// What people have to look at.
    public var discrepancies: [ReconciliationLine] {
        lines.filter(\.classification.isDiscrepancy)
    }

    /// How many lines are in a class.
    public func count(of classification: ReconciliationClass) -> Int {
        lines.count { $0.classification == classification }
    }
}
