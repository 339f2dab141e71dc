/// How Stripe counts a currency. This is the sandbox's own table, taken from Stripe's documentation
/// (docs.stripe.com/currencies) and deliberately not the domain's: a shared table would share its mistakes.
struct StripeCurrency: Sendable, Equatable {
    /// Lower-case ISO 4217 code, as Stripe writes it.
    let code: String
    /// Decimals between Stripe's integer amounts and the major unit.
    let exponent: Int
    /// Amounts must be multiples of this: 100 for ISK and UGX, which have no fractions but are written with two
    /// decimals; 10 for three-decimal currencies.
    let granularity: Int64

    /// Whether amounts may have a part smaller than the major unit, whatever decimals they are written with.
    var hasFractions: Bool { exponent > 0 && !Self.twoDecimalWithoutFractions.contains(code.uppercased()) }

    /// The currency of a code in either case; `nil` when Stripe does not take it.
    init?(_ code: String) {
        let upper = code.uppercased()
        if Self.zeroDecimal.contains(upper) {
            (exponent, granularity) = (0, 1)
        } else if Self.threeDecimal.contains(upper) {
            (exponent, granularity) = (3, 10)
        } else if Self.twoDecimalWithoutFractions.contains(upper) {
            (exponent, granularity) = (2, 100)
        } else if Self.twoDecimal.contains(upper) {
            (exponent, granularity) = (2, 1)
        } else {
            return nil
        }
        self.code = upper.lowercased()
    }

    /// An amount in the major unit with exactly the currency's decimals: 1999 EUR is "19.99", 1999 JPY is "1999".
    func majorUnits(_ amountMinor: Int64) -> String {
        guard exponent > 0 else { return String(amountMinor) }
        let digits = String(amountMinor.magnitude)
        let padded = String(repeating: "0", count: max(0, exponent + 1 - digits.count)) + digits
        return (amountMinor < 0 ? "-" : "") + padded.dropLast(exponent) + "." + padded.suffix(exponent)
    }

    private static func codes(_ list: String) -> Set<String> {
        Set(list.split(separator: " ").map(String.init))
    }

    private static let zeroDecimal = codes("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF")
    private static let threeDecimal = codes("BHD JOD KWD OMR TND")
    private static let twoDecimalWithoutFractions = codes("ISK UGX")
    private static let twoDecimal = codes(
        """
        AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CNY COP \
        CRC CVE CZK DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR JMD KES KGS \
        KHR KYD KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB \
        PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SEK SGD SHP SLE SOS SRD STD SZL THB TJS TOP TRY TTD TWD TZS \
        UAH USD UYU UZS WST XCD YER ZAR ZMW
        """)
}
