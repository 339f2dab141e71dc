import FoundationEssentials

/// Stripe's itemised balance report (`balance_change_from_activity.itemized`) as CSV.
///
/// Amounts are decimals in major units, timestamps are UTC without a zone, the currency comes in either letter case, and
/// columns are found by name: reports may carry further ones in any order.
public enum StripeSettlementFile {
    /// Most rows of one file. Source: requirement R8.5, a million rows in one run.
    public static let maximumRows = 1_000_000

    private enum Column: String, CaseIterable {
        case balanceTransactionID = "balance_transaction_id"
        case created
        case currency
        case gross
        case fee
        case net
        case reportingCategory = "reporting_category"
        case sourceID = "source_id"
        case paymentIntentID = "payment_intent_id"
        case chargeMetadata = "payment_metadata[charge_id]"
        case refundMetadata = "refund_metadata[refund_id]"
    }

    /// Reads a whole file.
    ///
    /// - Returns: the rows in file order; none for a file that holds only the header.
    /// - Throws: `SettlementError` with the line and column of the first problem. Amounts are never rounded, and every
    ///   row's `net` must be its `gross` less its `fee`.
    public static func parse(_ data: Data) throws(SettlementError) -> [SettlementRow] {
        var reader = CSVReader(data)
        guard let header = try reader.next() else { throw SettlementError(.empty, line: 1) }
        let positions = try columnPositions(header)
        var rows: [SettlementRow] = []
        while let record = try reader.next() {
            guard rows.count < maximumRows else {
                throw SettlementError(.tooManyRows(limit: maximumRows), line: record.line)
            }
            guard record.fields.count == header.fields.count else {
                throw SettlementError(
                    .fieldCount(expected: header.fields.count, found: record.fields.count), line: record.line)
            }
            rows.append(try row(number: rows.count + 1, Fields(record: record, positions: positions)))
        }
        return rows
    }

    private static func columnPositions(_ header: CSVReader.Record) throws(SettlementError) -> [Column: Int] {
        var positions: [Column: Int] = [:]
        for (position, name) in header.fields.enumerated() {
            guard let column = Column(rawValue: name) else { continue }
            guard positions.updateValue(position, forKey: column) == nil else {
                throw SettlementError(.duplicateColumn, line: header.line, column: name)
            }
        }
        for column in Column.allCases where positions[column] == nil {
            throw SettlementError(.missingColumn, line: header.line, column: column.rawValue)
        }
        return positions
    }

    private static func row(number: Int, _ fields: Fields) throws(SettlementError) -> SettlementRow {
        let currency = try fields.currency()
        let gross = try fields.amount(.gross, currency)
        let fee = try fields.amount(.fee, currency)
        let net = try fields.amount(.net, currency)
        let (expectedNet, overflow) = gross.amountMinor.subtractingReportingOverflow(fee.amountMinor)
        guard !overflow, expectedNet == net.amountMinor else {
            throw fields.error(
                .controlSum(gross: gross.majorUnits, fee: fee.majorUnits, net: net.majorUnits), .net)
        }
        return SettlementRow(
            rowNumber: number,
            balanceTransactionID: try fields.required(.balanceTransactionID),
            sourceID: fields.optional(.sourceID),
            paymentIntentID: fields.optional(.paymentIntentID),
            category: SettlementCategory(try fields.required(.reportingCategory)),
            gross: gross,
            feeMinor: fee.amountMinor,
            netMinor: net.amountMinor,
            created: try fields.timestamp(.created),
            chargeID: fields.optional(.chargeMetadata).map(ChargeID.init(rawValue:)),
            refundID: fields.optional(.refundMetadata).map(RefundID.init(rawValue:))
        )
    }

    /// The fields of one record by column.
    private struct Fields {
        let record: CSVReader.Record
        let positions: [Column: Int]

        func optional(_ column: Column) -> String? {
            guard let position = positions[column], !record.fields[position].isEmpty else { return nil }
            return record.fields[position]
        }

        func required(_ column: Column) throws(SettlementError) -> String {
            guard let value = optional(column) else { throw error(.missingValue, column) }
            return value
        }

        func currency() throws(SettlementError) -> Currency {
            let code = try required(.currency)
            do {
                return try Currency(code)
            } catch {
                throw self.error(.unknownCurrency(code), .currency)
            }
        }

        func amount(_ column: Column, _ currency: Currency) throws(SettlementError) -> Money {
            let text = try required(column)
            do {
                return try Money(majorUnits: text, currency: currency)
            } catch {
                throw self.error(.invalidAmount(error), column)
            }
        }

        func timestamp(_ column: Column) throws(SettlementError) -> Date {
            let text = try required(column)
            guard let civil = CivilTime(text, separator: UInt8(ascii: " "), requiresZulu: false) else {
                throw error(.invalidTimestamp(text), column)
            }
            return civil.date
        }

        func error(_ reason: SettlementError.Reason, _ column: Column) -> SettlementError {
            SettlementError(reason, line: record.line, column: column.rawValue)
        }
    }
}
