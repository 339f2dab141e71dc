import Domain

/// What people read when a day does not add up.
enum DiscrepancyMessage {
    /// SNS cuts a subject at 100 characters and refuses a message above 256 KiB; this many lines stay far below it.
    static let maximumLines = 200

    /// The e-mail's subject.
    static func subject(day: SettlementDay, count: Int) -> String {
        "Reconciliation \(day): \(count) \(count == 1 ? "discrepancy" : "discrepancies")"
    }

    /// One line per discrepancy, then where the whole report is.
    static func text(day: SettlementDay, report: ReconciliationReport, location: String) -> String {
        let discrepancies = report.discrepancies
        var lines = [
            "Settlement of \(day): \(report.count(of: .matched)) matched, \(report.count(of: .timing)) in timing, "
                + "\(discrepancies.count) \(discrepancies.count == 1 ? "discrepancy" : "discrepancies").",
            "",
        ]
        lines += discrepancies.prefix(maximumLines).map(line)
        if discrepancies.count > maximumLines {
            lines.append("… and \(discrepancies.count - maximumLines) more.")
        }
        return (lines + ["", "Report: \(location)"]).joined(separator: "\n")
    }

    private static func line(_ line: ReconciliationLine) -> String {
        var parts = [line.classification.rawValue]
        if let row = line.row { parts.append("row \(row.rowNumber) \(row.balanceTransactionID) \(row.gross)") }
        if let charge = line.item?.chargeID ?? line.row?.chargeID { parts.append("charge \(charge)") }
        if let refund = refund(of: line) { parts.append("refund \(refund)") }
        return parts.joined(separator: ", ") + (line.detail.isEmpty ? "" : ": \(line.detail)")
    }

    private static func refund(of line: ReconciliationLine) -> RefundID? {
        if case .refund(let id)? = line.item?.subject { id } else { line.row?.refundID }
    }
}
