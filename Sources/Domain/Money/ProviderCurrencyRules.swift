/// How one provider counts amounts where it differs from ISO 4217, with a conversion that fails rather than rounds.
///
/// The ledger and every event use ISO minor units; only a gateway converts, at the wire.
public struct ProviderCurrencyRules: Sendable {
    private let provider: Provider
    /// Decimals the provider uses for a currency where ISO says otherwise.
    private let exponentOverrides: [String: Int]
    /// Smallest step of provider units, by the provider's decimals (absent: every unit is allowed).
    private let stepByExponent: [Int: Int64]
    /// Most decimals the provider can express.
    private let maximumExponent: Int

    /// Stripe's rules (docs.stripe.com/currencies).
    ///
    /// - MGA counts in whole ariary although ISO gives it two decimals.
    /// - ISK and UGX have no decimals but are sent as two-decimal amounts that end in 00, for backward compatibility.
    /// - Three-decimal currencies must end in 0.
    /// - HUF and TWD have two decimals for charges and refunds (they are whole only in payouts).
    /// - Four-decimal units of account (CLF, UYW) have no representation.
    public static let stripe = ProviderCurrencyRules(
        provider: .stripe,
        exponentOverrides: ["MGA": 0, "ISK": 2, "UGX": 2],
        stepByExponent: [3: 10],
        maximumExponent: 3
    )

    /// The integer the provider expects for this amount.
    ///
    /// - Throws: `MoneyError.unsupportedByProvider`, `MoneyError.notRepresentable` when only a rounded amount could be
    ///   sent, `MoneyError.overflow`.
    public func providerAmount(of money: Money) throws(MoneyError) -> Int64 {
        let exponent = try providerExponent(of: money.currency)
        guard let scaled = try Self.scale(money.amountMinor, from: money.currency.exponent, to: exponent),
            scaled % (stepByExponent[exponent] ?? 1) == 0
        else {
            throw .notRepresentable(money, provider)
        }
        return scaled
    }

    /// The money behind an integer the provider reported. The provider's step is not demanded here: what it says it
    /// moved is a fact, not a request.
    ///
    /// - Throws: `MoneyError.unsupportedByProvider`, `MoneyError.providerAmountNotRepresentable` when the number is
    ///   finer than ISO minor units, `MoneyError.overflow`.
    public func money(fromProviderAmount amount: Int64, currency: Currency) throws(MoneyError) -> Money {
        let exponent = try providerExponent(of: currency)
        guard let scaled = try Self.scale(amount, from: exponent, to: currency.exponent) else {
            throw .providerAmountNotRepresentable(amount, currency, provider)
        }
        return Money(amountMinor: scaled, currency: currency)
    }

    private func providerExponent(of currency: Currency) throws(MoneyError) -> Int {
        let exponent = exponentOverrides[currency.code] ?? currency.exponent
        guard exponent <= maximumExponent else { throw .unsupportedByProvider(currency, provider) }
        return exponent
    }

    /// Moves the decimal point; nil when digits would be lost.
    private static func scale(_ amount: Int64, from: Int, to: Int) throws(MoneyError) -> Int64? {
        guard to < from else {
            let (scaled, overflow) = amount.multipliedReportingOverflow(by: PowerOfTen.value(to - from))
            guard !overflow else { throw .overflow }
            return scaled
        }
        let (quotient, remainder) = amount.quotientAndRemainder(dividingBy: PowerOfTen.value(from - to))
        return remainder == 0 ? quotient : nil
    }
}
