import Domain
import Foundation
import Testing

@Suite struct RiskRulesTests {
    private func request(
        amountMinor: Int64 = 1000, email: String? = "Ada@Example.com", ipAddress: String? = "203.0.113.7",
        cardFingerprint: String? = "fp_A", paymentMethod: String = "pm_1"
    ) throws -> RiskRequest {
        RiskRequest(
            chargeID: ChargeID(rawValue: "ch_1"), merchantID: MerchantID(rawValue: "mer_1"), amountMinor: amountMinor,
            currency: try Currency("EUR"), paymentMethod: paymentMethod, email: email, ipAddress: ipAddress,
            cardFingerprint: cardFingerprint)
    }

    private func blocked(
        _ field: RiskRule.Field, _ value: String, score: Int = 100, action: RiskRule.Action = .decline,
        id: String = "rule"
    ) -> RiskRule {
        RiskRule(id: id, condition: .blocklist(field: field, value: value), score: score, action: action)
    }

    @Test("nothing matches: approved with score 0")
    func approve() throws {
        let assessment = RiskRules.evaluate(try request(), rules: [blocked(.email, "eve@example.com")])
        #expect(assessment == RiskAssessment(decision: .approve, score: 0, reasons: [], engine: .evaluated))
    }

    @Test(
        "a blocklisted value is declined",
        arguments: [
            (.email, "ada@example.com"), (.email, " ADA@EXAMPLE.COM\n"), (.ipAddress, "203.0.113.7"),
            (.cardFingerprint, "fp_A"), (.paymentMethod, "pm_1"),
        ] as [(RiskRule.Field, String)])
    func blocklist(field: RiskRule.Field, value: String) throws {
        let assessment = RiskRules.evaluate(try request(), rules: [blocked(field, value, id: "b-1")])
        #expect(assessment == RiskAssessment(decision: .decline, score: 100, reasons: ["b-1"], engine: .evaluated))
    }

    @Test("tokens are case-sensitive, and an unknown property matches nothing")
    func noMatch() throws {
        let rules = [blocked(.cardFingerprint, "fp_a"), blocked(.paymentMethod, "PM_1"), blocked(.email, "")]
        let assessment = RiskRules.evaluate(try request(email: nil), rules: rules)
        #expect(assessment.decision == .approve)
    }

    @Test(
        "an amount limit holds for its currency and only above it",
        arguments: [
            (1000, "EUR", RiskAssessment.Decision.approve), (1001, "EUR", .review), (1001, "USD", .approve),
        ] as [(Int64, String, RiskAssessment.Decision)])
    func amountLimit(amountMinor: Int64, code: String, decision: RiskAssessment.Decision) throws {
        let limit = RiskRule.Condition.amountLimit(currency: try Currency(code), limitMinor: 1000)
        let rule = RiskRule(id: "limit", condition: limit, score: 40, action: .review)
        #expect(RiskRules.evaluate(try request(amountMinor: amountMinor), rules: [rule]).decision == decision)
    }

    @Test("the most severe match decides, scores add up to at most 100, whatever the order of the rules")
    func combination() throws {
        let rules = [
            blocked(.email, "ada@example.com", score: 60, action: .review, id: "c"),
            blocked(.ipAddress, "203.0.113.7", score: 70, action: .decline, id: "a"),
            blocked(.paymentMethod, "other", score: 5, action: .review, id: "b"),
        ]
        let expected = RiskAssessment(decision: .decline, score: 100, reasons: ["a", "c"], engine: .evaluated)
        #expect(RiskRules.evaluate(try request(), rules: rules) == expected)
        #expect(RiskRules.evaluate(try request(), rules: rules.reversed()) == expected)
    }

    @Test("without the engine the policy decides, and the assessment says so")
    func unavailable() {
        let open = RiskAssessment.unavailable(policy: .failOpen)
        let closed = RiskAssessment.unavailable(policy: .failClosed)
        #expect((open.decision, closed.decision) == (.approve, .decline))
        #expect([open, closed].allSatisfy { $0.engine == .unavailable && !$0.reasons.isEmpty })
        #expect(RiskUnavailablePolicy(rawValue: "fail_open") == .failOpen)
        #expect(RiskUnavailablePolicy(rawValue: "fail_closed") == .failClosed)
    }

    @Test("requests and assessments keep their wire form")
    func coding() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = String(decoding: try encoder.encode(request(email: nil, ipAddress: nil)), as: UTF8.self)
        #expect(
            text == #"{"amount_minor":1000,"card_fingerprint":"fp_A","charge_id":"ch_1","currency":"EUR","#
                + #""merchant_id":"mer_1","payment_method":"pm_1"}"#)
        #expect(
            try JSONDecoder().decode(RiskRequest.self, from: Data(text.utf8)) == request(email: nil, ipAddress: nil))
    }
}
