/// Why a settlement file cannot be trusted, and where. A file is read whole or not at all: half a file would turn the
/// missing half into discrepancies.
public struct SettlementError: Error, Sendable, Equatable {
    /// What is wrong.
    public enum Reason: Sendable, Equatable {
        case empty
        case notUTF8
        case missingColumn
        case duplicateColumn
        /// The row has another number of fields than the header.
        case fieldCount(expected: Int, found: Int)
        /// A quoted field never ends.
        case unterminatedQuote
        /// A quote inside an unquoted field, or text after a closing quote.
        case misplacedQuote
        case missingValue
        case unknownCurrency(String)
        case invalidAmount(MoneyError)
        case invalidTimestamp(String)
        /// `net` is not `gross - fee`.
        case controlSum(gross: String, fee: String, net: String)
        case tooManyRows(limit: Int)
    }

    /// What is wrong.
    public let reason: Reason
    /// Line of the file, from 1; of the line a record begins on.
    public let line: Int
    /// Name of the column, when the problem is in one.
    public let column: String?

    /// An error at a place of the file.
    public init(_ reason: Reason, line: Int, column: String? = nil) {
        self.reason = reason
        self.line = line
        self.column = column
    }
}

extension SettlementError: CustomStringConvertible {
    /// `line 3, column fee: '1,5' is not a decimal amount`.
    public var description: String {
        let place = "line \(line)" + (column.map { ", column \($0)" } ?? "")
        return "\(place): \(explanation)"
    }

    private var explanation: String {
        switch reason {
        case .empty: "the file has no header"
        case .notUTF8: "the text is not UTF-8"
        case .missingColumn: "the header lacks this column"
        case .duplicateColumn: "the header names this column twice"
        case .fieldCount(let expected, let found): "\(found) fields where the header has \(expected)"
        case .unterminatedQuote: "a quoted field does not end"
        case .misplacedQuote: "a quote in the middle of a field"
        case .missingValue: "the value is missing"
        case .unknownCurrency(let code): "'\(code)' is not an ISO 4217 currency code"
        case .invalidAmount(let error): error.description
        case .invalidTimestamp(let text): "'\(text)' is not a timestamp (YYYY-MM-DD HH:MM:SS)"
        case .controlSum(let gross, let fee, let net): "net \(net) is not gross \(gross) less fee \(fee)"
        case .tooManyRows(let limit): "more than \(limit) rows"
        }
    }
}
