import FoundationEssentials

/// Pairs the rows of a settlement file with the ledger and classifies what is left.
public enum ReconciliationMatcher {
    /// Puts every row and every ledger item into exactly one class.
    ///
    /// A row belongs to a ledger item by our own id where the provider passes it back, else by the provider's
    /// reference. The first row of an item is compared; further ones are duplicates.
    ///
    /// - Parameters:
    ///   - ledger: the items still open: not settled by an earlier file.
    ///   - cutOff: an item that occurred before this moment has to be in the file; a later one may still come (D-21:
    ///     the file's end less some grace).
    /// - Throws: `MoneyError.overflow` when the file's totals do not fit 64 bits.
    public static func match(
        rows: [SettlementRow],
        ledger: [LedgerSettlementItem],
        expectedBefore cutOff: Date
    ) throws(MoneyError) -> ReconciliationReport {
        var index = LedgerIndex(ledger)
        var seenMovements: Set<String> = []
        var lines: [ReconciliationLine] = []
        lines.reserveCapacity(rows.count)
        for row in rows {
            let isRepeated = !seenMovements.insert(row.balanceTransactionID).inserted
            lines.append(isRepeated ? repeated(row) : classify(row, &index))
        }
        for (position, item) in ledger.enumerated() {
            guard let line = leftover(item, position, index, cutOff) else { continue }
            lines.append(line)
        }
        return ReconciliationReport(lines: lines, totals: try totals(rows))
    }

    private static func repeated(_ row: SettlementRow) -> ReconciliationLine {
        ReconciliationLine(
            .duplicateAtProvider, row: row, detail: "\(row.balanceTransactionID) is already in an earlier row")
    }

    private static func classify(_ row: SettlementRow, _ index: inout LedgerIndex) -> ReconciliationLine {
        if case .other(let name) = row.category {
            return ReconciliationLine(.unknownType, row: row, detail: "no rule for category '\(name)'")
        }
        guard let position = index.position(of: row) else {
            return ReconciliationLine(
                .missingInLedger, row: row, detail: "no \(row.category.name) of ours fits this row")
        }
        let item = index.items[position]
        guard index.markSettled(position) else {
            return ReconciliationLine(
                .duplicateAtProvider, row: row, detail: "\(item.ownID) is already settled by an earlier row")
        }
        guard row.gross.currency == item.amount.currency else {
            return ReconciliationLine(
                .currencyMismatch, row: row, item: item, detail: "ledger \(item.amount), file \(row.gross)")
        }
        guard row.gross.amountMinor == item.amount.amountMinor else {
            return ReconciliationLine(
                .amountMismatch, row: row, item: item, detail: "ledger \(item.amount), file \(row.gross)")
        }
        return ReconciliationLine(.matched, row: row, item: item)
    }

    /// The line of a ledger item that no row settled; nil when one did.
    private static func leftover(
        _ item: LedgerSettlementItem,
        _ position: Int,
        _ index: LedgerIndex,
        _ cutOff: Date
    ) -> ReconciliationLine? {
        if index.isDuplicate(position) {
            return ReconciliationLine(
                .duplicateInLedger, item: item, detail: "\(item.ownID) is in the ledger more than once")
        }
        guard !index.isSettled(position) else { return nil }
        guard item.occurredAt < cutOff else {
            return ReconciliationLine(.timing, item: item, detail: "expected in a later file")
        }
        return ReconciliationLine(.missingAtProvider, item: item, detail: "no row for \(item.ownID)")
    }

    private static func totals(_ rows: [SettlementRow]) throws(MoneyError) -> [Currency: SettlementTotals] {
        func add(_ amount: Int64, to total: inout Int64) throws(MoneyError) {
            let (sum, overflow) = total.addingReportingOverflow(amount)
            guard !overflow else { throw .overflow }
            total = sum
        }
        var totals: [Currency: SettlementTotals] = [:]
        for row in rows {
            var total = totals[row.gross.currency] ?? SettlementTotals()
            total.rows += 1
            try add(row.gross.amountMinor, to: &total.grossMinor)
            try add(row.feeMinor, to: &total.feeMinor)
            try add(row.netMinor, to: &total.netMinor)
            totals[row.gross.currency] = total
        }
        return totals
    }
}
