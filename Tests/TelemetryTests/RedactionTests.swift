import Testing

@testable import Telemetry

@Suite("Redaction") struct RedactionTests {
    @Test(
        "D-15: a card number is masked wherever it stands, but for its last four digits",
        arguments: [
            ("4242424242424242", "************4242"),
            ("card 4242 4242 4242 4242 declined", "card **** **** **** 4242 declined"),
            ("4242-4242-4242-4242", "****-****-****-4242"),
            ("order 12 4242424242424242", "order 12 ************4242"),
            ("{\"number\":\"378282246310005\"}", "{\"number\":\"***********0005\"}"),
            ("é4000056655665556é", "é************5556é"),
        ])
    func masksCardNumbers(text: String, expected: String) {
        #expect(Redaction.mask(text) == expected)
    }

    @Test(
        "what is no card number stays readable",
        arguments: [
            "4242424242424241", "49590338271490256608559692538361571095921575989136588898", "ch_01J8Z3", "1-2-3", "",
            "12 34 56 78 90 12",
        ])
    func leavesTheRest(text: String) {
        #expect(Redaction.mask(text) == text)
    }

    @Test("the Luhn check accepts valid numbers and refuses each with one digit changed")
    func luhn() {
        let valid: [UInt8] = [4, 2, 4, 2, 4, 2, 4, 2, 4, 2, 4, 2, 4, 2, 4, 2]
        #expect(Redaction.passesLuhn(valid))
        for index in valid.indices {
            var changed = valid
            changed[index] = (changed[index] + 1) % 10
            #expect(!Redaction.passesLuhn(changed))
        }
    }

    @Test("masking costs no more than the text is long, whatever it holds")
    func longRuns() {
        // Looking at every pair of groups, this text would take a billion steps.
        let text = String(repeating: "1 ", count: 100_000)
        #expect(Redaction.mask(text).utf8.count == text.utf8.count)
    }
}
