/// Decimal text in major units, as settlement files and people write amounts (`24.05`, `-10`, `1000` yen).
extension Money {
    /// Reads `-?digits[.digits]` exactly. Trailing zeros beyond the currency's decimals are accepted because they carry
    /// no value (`25.000` EUR); any other further digit is refused rather than rounded.
    ///
    /// - Throws: `MoneyError.malformedAmount`, `MoneyError.tooPrecise`, `MoneyError.overflow`.
    public init(majorUnits text: String, currency: Currency) throws(MoneyError) {
        var digits = Substring(text)
        let isNegative = digits.first == "-"
        if isNegative { digits.removeFirst() }

        let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, Self.isDigits(whole) else { throw .malformedAmount(text) }
        var fraction = parts.count == 2 ? parts[1] : ""
        guard parts.count == 1 || Self.isDigits(fraction) else { throw .malformedAmount(text) }

        while fraction.utf8.count > currency.exponent, fraction.last == "0" { fraction.removeLast() }
        guard fraction.utf8.count <= currency.exponent else { throw .tooPrecise(text, currency) }

        let padding = String(repeating: "0", count: currency.exponent - fraction.utf8.count)
        // The sign goes in before parsing so that the smallest Int64 is readable too.
        guard let amountMinor = Int64((isNegative ? "-" : "") + whole + fraction + padding) else { throw .overflow }
        self.init(amountMinor: amountMinor, currency: currency)
    }

    /// The amount in major units with exactly the currency's decimals: `19.99`, `-0.05`, `500` for yen.
    public var majorUnits: String {
        let sign = amountMinor < 0 ? "-" : ""
        let digits = String(amountMinor.magnitude)
        guard currency.exponent > 0 else { return sign + digits }
        let padding = String(repeating: "0", count: max(0, currency.exponent + 1 - digits.utf8.count))
        let padded = padding + digits
        return sign + padded.dropLast(currency.exponent) + "." + padded.suffix(currency.exponent)
    }

    private static func isDigits(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
