import Domain
import Testing

/// D-14: zero- and three-decimal currencies, and where Stripe differs from ISO 4217.
@Suite struct ProviderCurrencyRulesTests {
    @Test(
        "D-14: Stripe's integer for an amount, and back",
        arguments: [
            ("EUR", 1999, 1999), ("JPY", 500, 500), ("KWD", 5120, 5120), ("ISK", 5, 500), ("UGX", 5, 500),
            ("HUF", 1050, 1050), ("TWD", 1050, 1050), ("MGA", 500, 5), ("EUR", -1999, -1999), ("ISK", -5, -500),
        ] as [(String, Int64, Int64)])
    func conversion(code: String, amountMinor: Int64, providerAmount: Int64) throws {
        let money = try Sample.money(amountMinor, code)
        #expect(try ProviderCurrencyRules.stripe.providerAmount(of: money) == providerAmount)
        let back = try ProviderCurrencyRules.stripe.money(
            fromProviderAmount: providerAmount, currency: money.currency)
        #expect(back == money)
    }

    @Test("D-14: an amount Stripe cannot express is refused, not rounded", arguments: [("KWD", 5124), ("MGA", 550)])
    func notRepresentable(code: String, amountMinor: Int64) throws {
        let money = try Sample.money(amountMinor, code)
        #expect(throws: MoneyError.notRepresentable(money, .stripe)) {
            try ProviderCurrencyRules.stripe.providerAmount(of: money)
        }
    }

    @Test(
        "D-14: a fraction of a currency without decimals is refused when Stripe reports one", arguments: ["ISK", "UGX"])
    func reportedFraction(code: String) throws {
        let currency = try Currency(code)
        #expect(throws: MoneyError.providerAmountNotRepresentable(550, currency, .stripe)) {
            try ProviderCurrencyRules.stripe.money(fromProviderAmount: 550, currency: currency)
        }
    }

    @Test("D-14: units of account with four decimals are refused", arguments: ["CLF", "UYW"])
    func unsupported(code: String) throws {
        let money = try Sample.money(10_000, code)
        #expect(throws: MoneyError.unsupportedByProvider(money.currency, .stripe)) {
            try ProviderCurrencyRules.stripe.providerAmount(of: money)
        }
    }

    @Test("D-14: scaling beyond 64 bits is refused")
    func overflow() throws {
        #expect(throws: MoneyError.overflow) {
            try ProviderCurrencyRules.stripe.providerAmount(of: Sample.money(.max, "ISK"))
        }
    }
}
