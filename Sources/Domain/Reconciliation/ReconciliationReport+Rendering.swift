import FoundationEssentials

extension ReconciliationReport {
    /// All lines as CSV with a header; CRLF line ends as RFC 4180 has them, amounts in major units.
    public func csv() -> String {
        let header = ReportLine.columns.map(\.name)
        let records = lines.map { line in
            let reportLine = ReportLine(line)
            return ReportLine.columns.map { $0.value(reportLine) ?? "" }
        }
        return ([header] + records)
            .map { fields in fields.map(Self.escaped).joined(separator: ",") + "\r\n" }
            .joined()
    }

    /// The report as JSON: `summary` (lines per class), `totals` (per currency), `discrepancies`, `lines`; amounts in
    /// minor units. Sorted keys, so equal reports give equal bytes.
    ///
    /// - Throws: `EventCodingError.malformed` when a value cannot be written as JSON.
    public func json() throws(EventCodingError) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        do {
            return try encoder.encode(ReportDocument(self))
        } catch {
            throw .malformed("the reconciliation report cannot be written as JSON")
        }
    }

    private static func escaped(_ field: String) -> String {
        guard field.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return field }
        return "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}

/// A line of the report with both sides flattened.
private struct ReportLine: Encodable {
    /// A column of the CSV form.
    struct Column: Sendable {
        let name: String
        let value: @Sendable (ReportLine) -> String?
    }

    let classification: String
    let rowNumber: Int?
    let balanceTransactionID: String?
    let category: String?
    let sourceID: String?
    let chargeID: String?
    let refundID: String?
    let fileGross: Money?
    let fileFee: Money?
    let fileNet: Money?
    let ledgerAmount: Money?
    let occurredAt: String?
    let detail: String

    init(_ line: ReconciliationLine) {
        let row = line.row
        let item = line.item
        classification = line.classification.rawValue
        rowNumber = row?.rowNumber
        balanceTransactionID = row?.balanceTransactionID
        category = row?.category.name
        sourceID = row?.sourceID ?? item?.providerReference
        chargeID = (item?.chargeID ?? row?.chargeID)?.rawValue
        refundID = (item?.refundID ?? row?.refundID)?.rawValue
        fileGross = row?.gross
        fileFee = row.map { Money(amountMinor: $0.feeMinor, currency: $0.gross.currency) }
        fileNet = row.map { Money(amountMinor: $0.netMinor, currency: $0.gross.currency) }
        ledgerAmount = item?.amount
        occurredAt = (item?.occurredAt ?? row?.created).map(RFC3339.format)
        detail = line.detail
    }

    private enum CodingKeys: String, CodingKey {
        case classification = "class"
        case rowNumber = "row_number"
        case balanceTransactionID = "balance_transaction_id"
        case category
        case sourceID = "source_id"
        case chargeID = "charge_id"
        case refundID = "refund_id"
        case fileGross = "file_gross"
        case fileFee = "file_fee"
        case fileNet = "file_net"
        case ledgerAmount = "ledger_amount"
        case occurredAt = "occurred_at"
        case detail
    }

    static let columns: [Column] = [
        Column(name: "class") { $0.classification },
        Column(name: "row_number") { $0.rowNumber.map(String.init) },
        Column(name: "balance_transaction_id") { $0.balanceTransactionID },
        Column(name: "category") { $0.category },
        Column(name: "source_id") { $0.sourceID },
        Column(name: "charge_id") { $0.chargeID },
        Column(name: "refund_id") { $0.refundID },
        Column(name: "file_currency") { $0.fileGross?.currency.code },
        Column(name: "file_gross") { $0.fileGross?.majorUnits },
        Column(name: "file_fee") { $0.fileFee?.majorUnits },
        Column(name: "file_net") { $0.fileNet?.majorUnits },
        Column(name: "ledger_currency") { $0.ledgerAmount?.currency.code },
        Column(name: "ledger_amount") { $0.ledgerAmount?.majorUnits },
        Column(name: "occurred_at") { $0.occurredAt },
        Column(name: "detail") { $0.detail },
    ]
}

private struct ReportDocument: Encodable {
    struct Totals: Encodable {
        let rows: Int
        let grossMinor: Int64
        let feeMinor: Int64
        let netMinor: Int64

        private enum CodingKeys: String, CodingKey {
            case rows
            case grossMinor = "gross_minor"
            case feeMinor = "fee_minor"
            case netMinor = "net_minor"
        }
    }

    /// Every class, also those without a line.
    let summary: [String: Int]
    /// By currency code.
    let totals: [String: Totals]
    let discrepancies: [ReportLine]
    let lines: [ReportLine]

    init(_ report: ReconciliationReport) {
        summary = Dictionary(
            uniqueKeysWithValues: ReconciliationClass.allCases.map { ($0.rawValue, report.count(of: $0)) })
        totals = Dictionary(
            uniqueKeysWithValues: report.totals.map { currency, totals in
                (
                    currency.code,
                    Totals(
                        rows: totals.rows, grossMinor: totals.grossMinor, feeMinor: totals.feeMinor,
                        netMinor: totals.netMinor)
                )
            })
        discrepancies = report.discrepancies.map(ReportLine.init)
        lines = report.lines.map(ReportLine.init)
    }
}

extension LedgerSettlementItem {
    /// Our refund id; nil for a charge.
    fileprivate var refundID: RefundID? {
        switch subject {
        case .charge: nil
        case .refund(let refundID): refundID
        }
    }
}
