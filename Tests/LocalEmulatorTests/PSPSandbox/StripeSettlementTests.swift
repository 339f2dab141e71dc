import Testing

@testable import LocalEmulator

@Suite struct StripeSettlementTests {
    @Test(
        arguments: [
            ("EUR", 1999, "19.99"), ("eur", 5, "0.05"), ("usd", -500, "-5.00"), ("usd", 0, "0.00"),
            ("JPY", 1999, "1999"),
            ("KWD", 1990, "1.990"), ("BHD", -5, "-0.005"), ("ISK", 500, "5.00"),
        ] as [(String, Int64, String)])
    func d14AmountsHaveTheDecimalsOfTheirCurrency(_ code: String, _ amountMinor: Int64, _ text: String) throws {
        #expect(try #require(StripeCurrency(code)).majorUnits(amountMinor) == text)
    }

    @Test func d14CurrenciesWithoutFractionsOnTheCardTakeWholeUnitsOnly() throws {
        #expect(try #require(StripeCurrency("ISK")).granularity == 100)
        #expect(try #require(StripeCurrency("KWD")).granularity == 10)
        #expect(StripeCurrency("XXX") == nil)
    }

    @Test(
        arguments: [
            ("eur", 1999, 55), ("eur", 10_000, 175), ("eur", 1, 25), ("eur", 33, 25), ("eur", 34, 26),
            ("jpy", 1999, 55),
            ("kwd", 10_000, 175), ("isk", 20_000, 400), ("ugx", 100, 100),
        ] as [(String, Int64, Int64)])
    func feesAreAPercentageAndAFixedPart(_ code: String, _ amountMinor: Int64, _ feeMinor: Int64) throws {
        #expect(StripeFee.minor(ofCharge: amountMinor, in: try #require(StripeCurrency(code))) == feeMinor)
    }

    @Test func d21DaysAreUTC() {
        #expect(UTCTime.timestamp(0) == "1970-01-01 00:00:00")
        #expect(UTCTime.timestamp(1_709_251_199) == "2024-02-29 23:59:59")
        #expect(UTCTime.day(1_709_251_200) == "2024-03-01")
        #expect(UTCTime.firstSecond(ofDay: "2024-03-01") == 1_709_251_200)
    }

    @Test(arguments: ["2026-02-29", "2026-13-01", "2026-1-1", "20260101", "2026-01-01 ", "", "2026-+1-01"])
    func aDayThatDoesNotExistIsNone(_ text: String) {
        #expect(UTCTime.firstSecond(ofDay: text) == nil)
    }
}
