/// Why an amount or a currency was refused. Money is never rounded or guessed: every doubt becomes one of these.
public enum MoneyError: Error, Sendable, Equatable {
    /// The code is not in the ISO 4217 table of this module.
    case unknownCurrency(String)
    /// Two amounts of different currencies met.
    case currencyMismatch(Currency, Currency)
    /// The result does not fit 64 bits of minor units.
    case overflow
    /// The text is not a plain decimal number (`-?digits[.digits]`).
    case malformedAmount(String)
    /// The text has more significant decimals than the currency has.
    case tooPrecise(String, Currency)
    /// The provider cannot express this exact amount; sending it would mean rounding.
    case notRepresentable(Money, Provider)
    /// The provider reported a number of units that is not a whole number of ISO minor units.
    case providerAmountNotRepresentable(Int64, Currency, Provider)
    /// The provider has no defined representation of this currency.
    case unsupportedByProvider(Currency, Provider)
}

extension MoneyError: CustomStringConvertible {
    /// One sentence that names the input and what is wrong with it.
    public var description: String {
        switch self {
        case .unknownCurrency(let code):
            "'\(code)' is not an ISO 4217 currency code"
        case .currencyMismatch(let first, let second):
            "currencies differ: \(first) and \(second)"
        case .overflow:
            "the amount is out of range"
        case .malformedAmount(let text):
            "'\(text)' is not a decimal amount"
        case .tooPrecise(let text, let currency):
            "'\(text)' has more decimals than \(currency) has (\(currency.exponent))"
        case .notRepresentable(let money, let provider):
            "\(provider.rawValue) cannot express \(money) without rounding"
        case .providerAmountNotRepresentable(let amount, let currency, let provider):
            "\(amount) units of \(currency) reported by \(provider.rawValue) are not a whole number of minor units"
        case .unsupportedByProvider(let currency, let provider):
            "\(provider.rawValue) has no defined representation of \(currency)"
        }
    }
}
