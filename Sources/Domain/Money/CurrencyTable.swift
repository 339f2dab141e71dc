/// Minor-unit decimals of the ISO 4217 currencies that have a minor unit.
///
/// Source: ISO 4217 list one (SIX Financial Information). Where providers disagree with ISO, the ledger keeps ISO and
/// the difference lives in `ProviderCurrencyRules`. Codes are only ever added: an event that was written in a currency
/// must stay readable after the currency is withdrawn (ANG, BGN and others are kept for that reason).
enum CurrencyTable {
    private static let codesByExponent: [(exponent: Int, codes: String)] = [
        (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
        (
            2,
            """
            AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF \
            CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD \
            HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT \
            MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR \
            SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU \
            UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
            """
        ),
        (3, "BHD IQD JOD KWD LYD OMR TND"),
        (4, "CLF UYW"),
    ]

    /// Upper-case code to decimals.
    static let exponents: [String: Int] = {
        var table: [String: Int] = [:]
        for group in codesByExponent {
            for code in group.codes.split(separator: " ") {
                table[String(code)] = group.exponent
            }
        }
        return table
    }()
}
