import Domain
import Foundation
import Testing

@Suite struct MoneyTests {
    @Test(
        "currencies have the decimals of ISO 4217",
        arguments: [
            ("EUR", 2), ("usd", 2), ("JPY", 0), ("KWD", 3), ("ISK", 0), ("UGX", 0), ("HUF", 2), ("TWD", 2), ("CLF", 4),
            ("MGA", 2), ("CVE", 2), ("IQD", 3), ("UYW", 4), ("XOF", 0),
        ])
    func exponents(code: String, exponent: Int) throws {
        let currency = try Currency(code)
        #expect(currency.exponent == exponent)
        #expect(currency.code == code.uppercased())
    }

    @Test("a code outside ISO 4217 is refused", arguments: ["", "EU", "EURO", "XXX", "€", "BTC"])
    func unknownCurrency(code: String) {
        #expect(throws: MoneyError.unknownCurrency(code)) { try Currency(code) }
    }

    @Test("adding and subtracting stay exact, in one currency and in range")
    func arithmetic() throws {
        let euros = try Sample.money(1999)
        #expect(try euros.adding(Sample.money(1)) == Sample.money(2000))
        #expect(try euros.subtracting(Sample.money(2000)) == Sample.money(-1))
        #expect(throws: MoneyError.currencyMismatch(euros.currency, try Currency("USD"))) {
            try euros.adding(Sample.money(1, "USD"))
        }
        #expect(throws: MoneyError.overflow) { try Sample.money(.max).adding(Sample.money(1)) }
        #expect(throws: MoneyError.overflow) { try Sample.money(.min).subtracting(Sample.money(1)) }
    }

    @Test(
        "major units are read and written exactly",
        arguments: [
            ("19.99", "EUR", 1999, "19.99"), ("-10", "USD", -1000, "-10.00"), ("24.5", "EUR", 2450, "24.50"),
            ("25.000", "EUR", 2500, "25.00"), ("0.05", "EUR", 5, "0.05"), ("-0.05", "EUR", -5, "-0.05"),
            ("1000", "JPY", 1000, "1000"), ("1000.00", "JPY", 1000, "1000"), ("1.234", "KWD", 1234, "1.234"),
            ("500", "ISK", 500, "500"), ("1.2345", "CLF", 12_345, "1.2345"), ("007.10", "HUF", 710, "7.10"),
            ("-92233720368547758.08", "EUR", Int64.min, "-92233720368547758.08"),
        ] as [(String, String, Int64, String)])
    func majorUnits(text: String, code: String, amountMinor: Int64, written: String) throws {
        let money = try Money(majorUnits: text, currency: Currency(code))
        #expect(money.amountMinor == amountMinor)
        #expect(money.majorUnits == written)
    }

    @Test("a decimal that the currency cannot hold is refused, not rounded")
    func tooPrecise() throws {
        for (text, code) in [("0.001", "EUR"), ("1.5", "JPY"), ("1.2345", "KWD"), ("0.5", "ISK"), ("1.00001", "CLF")] {
            let currency = try Currency(code)
            #expect(throws: MoneyError.tooPrecise(text, currency)) { try Money(majorUnits: text, currency: currency) }
        }
    }

    @Test(
        "text that is not a plain decimal is refused", arguments: ["", "-", ".5", "5.", "1,5", "+1", " 1", "1e3", "١"])
    func malformed(text: String) throws {
        let euro = try Currency("EUR")
        #expect(throws: MoneyError.malformedAmount(text)) { try Money(majorUnits: text, currency: euro) }
    }

    @Test("an amount beyond 64 bits is refused")
    func majorUnitsOverflow() throws {
        let euro = try Currency("EUR")
        #expect(throws: MoneyError.overflow) { try Money(majorUnits: "92233720368547758.08", currency: euro) }
    }

    @Test("reading what was written gives the same money, for random amounts in every kind of currency")
    func majorUnitsRoundTrip() throws {
        var generator = SeededGenerator(seed: 1)
        for code in ["EUR", "JPY", "KWD", "CLF"] {
            let currency = try Currency(code)
            for _ in 0..<500 {
                let shift = Int64.random(in: 0...62, using: &generator)
                let money = Money(
                    amountMinor: Int64.random(in: .min ... .max, using: &generator) >> shift, currency: currency)
                #expect(try Money(majorUnits: money.majorUnits, currency: currency) == money)
            }
        }
    }

    @Test("money is encoded with its minor units and code")
    func coding() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = String(decoding: try encoder.encode(Sample.money(1999)), as: UTF8.self)
        #expect(text == #"{"amount_minor":1999,"currency":"EUR"}"#)
        #expect(try JSONDecoder().decode(Money.self, from: Data(text.utf8)) == Sample.money(1999))
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(Money.self, from: Data(#"{"amount_minor":1,"currency":"ZZZ"}"#.utf8))
        }
    }
}
