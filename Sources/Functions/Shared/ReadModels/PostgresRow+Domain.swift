import Domain
import PostgresClient

/// Values of the domain out of columns; what this build does not know is `PostgresError.unexpectedResult`, not a guess.
extension PostgresRow {
    /// A status, mode or other closed set of names.
    func value<Value: RawRepresentable<String>>(_ column: String) throws(PostgresError) -> Value {
        let text = try text(column)
        guard let value = Value(rawValue: text) else { throw .unexpectedResult("unknown \(column) \(text)") }
        return value
    }

    /// An amount in minor units together with the row's `currency`.
    func money(_ column: String = "amount_minor") throws(PostgresError) -> Money {
        let code = try text("currency")
        let amountMinor = try integer(column)
        do throws(MoneyError) {
            return Money(amountMinor: amountMinor, currency: try Currency(code))
        } catch {
            throw .unexpectedResult("unknown currency \(code)")
        }
    }
}
