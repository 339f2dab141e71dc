/// An exact amount of one currency, counted in ISO 4217 minor units (cents for EUR, yen for JPY, fils for KWD).
///
/// May be negative: a settlement line or a ledger entry takes money away. Encoded as
/// `{"amount_minor":1999,"currency":"EUR"}`.
public struct Money: Hashable, Sendable, Codable {
    /// The amount in minor units of `currency`.
    public let amountMinor: Int64

    /// The currency that gives the amount its meaning.
    public let currency: Currency

    /// An amount that is already in minor units.
    public init(amountMinor: Int64, currency: Currency) {
        self.amountMinor = amountMinor
        self.currency = currency
    }

    private enum CodingKeys: String, CodingKey {
        case amountMinor = "amount_minor"
        case currency
    }

    /// The sum.
    ///
    /// - Throws: `MoneyError.currencyMismatch`, `MoneyError.overflow`.
    public func adding(_ other: Money) throws(MoneyError) -> Money {
        try combined(with: other) { $0.addingReportingOverflow($1) }
    }

    /// The difference.
    ///
    /// - Throws: `MoneyError.currencyMismatch`, `MoneyError.overflow`.
    public func subtracting(_ other: Money) throws(MoneyError) -> Money {
        try combined(with: other) { $0.subtractingReportingOverflow($1) }
    }

    private func combined(
        with other: Money,
        _ operation: (Int64, Int64) -> (partialValue: Int64, overflow: Bool)
    ) throws(MoneyError) -> Money {
        guard currency == other.currency else { throw .currencyMismatch(currency, other.currency) }
        let (amount, overflow) = operation(amountMinor, other.amountMinor)
        guard !overflow else { throw .overflow }
        return Money(amountMinor: amount, currency: currency)
    }
}

extension Money: CustomStringConvertible {
    /// Major units and code, for people: `19.99 EUR`.
    public var description: String { "\(majorUnits) \(currency)" }
}
