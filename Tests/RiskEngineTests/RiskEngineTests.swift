import AWSClient
import Domain
import FoundationEssentials
import FunctionsShared
import FunctionsTestSupport
import LambdaEvents
import Synchronization
import Testing
import Wire

@testable import RiskEngine

/// A rule table that can change, or be away.
private final class RuleTable: RiskRuleSource {
    private struct State {
        var rules: [RiskRule]
        var isAway = false
        var readCount = 0
    }

    private let state: Mutex<State>

    init(_ rules: [RiskRule]) { state = Mutex(State(rules: rules)) }

    var readCount: Int { state.withLock { $0.readCount } }

    func change(_ rules: [RiskRule]) { state.withLock { $0.rules = rules } }

    func goAway() { state.withLock { $0.isAway = true } }

    func rules() async throws(RecordStoreError) -> [RiskRule] {
        let (rules, isAway) = state.withLock { state in
            state.readCount += 1
            return (state.rules, state.isAway)
        }
        guard !isAway else { throw RecordStoreError("timed out") }
        return rules
    }
}

@Suite("Risk engine")
struct RiskEngineTests {
    private let blocked = RiskRule(
        id: "blocked_email", condition: .blocklist(field: .email, value: "fraud@example.com"), score: 90,
        action: .decline)
    private let clock = ManualClock()

    @Test("addresses are compared in their canonical form, however the rule and the request write them")
    func addresses() async throws {
        let rule = try #require(
            DynamoDBRiskRules.rule([
                "rule_id": "r1", "kind": "blocklist", "field": "ip_address", "value": " 2001:0DB8:0:0::1",
                "score": .number("80"), "action": "decline",
            ]))
        let engine = engine(RuleTable([rule]))
        for (address, decision) in [
            ("2001:db8::1", RiskAssessment.Decision.decline), ("2001:db8:0:0:0:0:0:1", .decline),
            ("2001:db8::2", .approve), ("zzzz", .approve),
        ] {
            let assessment = try await engine.handle(try request(ipAddress: address), context: Fixture.context())
            #expect(assessment.decision == decision, "\(address)")
        }
    }

    private func request(email: String? = nil, ipAddress: String? = nil) throws -> RiskRequest {
        RiskRequest(
            chargeID: ChargeID(rawValue: "ch_1"), merchantID: Fixture.merchantID, amountMinor: 1999,
            currency: try Currency("EUR"), paymentMethod: "pm_1", email: email, ipAddress: ipAddress)
    }

    private func engine(_ source: any RiskRuleSource, log: LogCollector = LogCollector()) -> RiskEngineHandler {
        RiskEngineHandler(rules: RuleCache(source: source, clock: clock, logger: log.logger))
    }

    @Test("rules decide, and the reasons say which")
    func rulesDecide() async throws {
        let engine = engine(RuleTable([blocked]))
        let declined = try await engine.handle(try request(email: "Fraud@Example.com"), context: Fixture.context())
        #expect(declined.decision == .decline)
        #expect(declined.reasons == ["blocked_email"])
        let approved = try await engine.handle(try request(email: nil), context: Fixture.context())
        #expect(approved.decision == .approve)
        #expect(approved.engine == .evaluated)
    }

    @Test("the request and the answer are plain JSON, as a direct invocation carries them")
    func wireForm() async throws {
        let payload = Data(
            (#"{"charge_id":"ch_1","merchant_id":"mer_1","amount_minor":1,"currency":"EUR","#
                + #""payment_method":"pm_1","future_field":1}"#).utf8)
        let request = try RiskRequest(lambdaPayload: Bytes(payload))
        let answer = try await engine(RuleTable([])).handle(request, context: Fixture.context())
        #expect(
            String(decoding: try answer.lambdaPayload(), as: UTF8.self)
                == #"{"decision":"approve","engine":"evaluated","reasons":[],"score":0}"#)
        #expect(throws: LambdaEventError.self) { try RiskRequest(lambdaPayload: Bytes(utf8: "{}")) }
    }

    @Test("rules are read once for a bounded time; a changed rule is in force afterwards, without a deploy")
    func cacheAge() async throws {
        let table = RuleTable([])
        let engine = engine(table)
        let request = try request(email: "fraud@example.com")
        for _ in 0..<10 { _ = try await engine.handle(request, context: Fixture.context()) }
        #expect(table.readCount == 1)
        table.change([blocked])
        clock.advance(seconds: RuleCache.maximumAgeSeconds - 1)
        #expect(try await engine.handle(request, context: Fixture.context()).decision == .approve)
        clock.advance(seconds: 1)
        #expect(try await engine.handle(request, context: Fixture.context()).decision == .decline)
    }

    @Test("old rules stand in for a bounded time while the table is away; then the engine says so")
    func staleRules() async throws {
        let table = RuleTable([blocked])
        let engine = engine(table)
        let request = try request(email: "fraud@example.com")
        _ = try await engine.handle(request, context: Fixture.context())
        table.goAway()
        clock.advance(seconds: RuleCache.maximumStaleSeconds - 1)
        #expect(try await engine.handle(request, context: Fixture.context()).decision == .decline)
        clock.advance(seconds: 1)
        await #expect(throws: RulesUnavailable.self) {
            try await engine.handle(request, context: Fixture.context())
        }
    }

    @Test("without any rules read, the engine approves nothing")
    func neverRead() async throws {
        let table = RuleTable([])
        table.goAway()
        let request = try request(email: nil)
        await #expect(throws: RulesUnavailable(detail: "timed out")) {
            try await engine(table).handle(request, context: Fixture.context())
        }
    }

    @Test("personal data of the request is not logged")
    func logs() async throws {
        let log = LogCollector()
        _ = try await engine(RuleTable([blocked])).handle(
            try request(email: "fraud@example.com"), context: Fixture.context(logger: log.logger))
        #expect(!log.lines.isEmpty)
        #expect(log.lines.allSatisfy { !$0.contains("example.com") })
    }
}

extension RulesUnavailable: Equatable {
    public static func == (left: RulesUnavailable, right: RulesUnavailable) -> Bool { left.detail == right.detail }
}

@Suite("Risk rules in DynamoDB")
struct DynamoDBRiskRulesTests {
    @Test("both kinds of rules are read")
    func kinds() throws {
        let blocklist = DynamoDBRiskRules.rule([
            "rule_id": "r1", "kind": "blocklist", "field": "ip_address", "value": "192.0.2.1",
            "score": .number("80"), "action": "decline",
        ])
        #expect(
            blocklist
                == RiskRule(
                    id: "r1", condition: .blocklist(field: .ipAddress, value: "192.0.2.1"), score: 80,
                    action: .decline))
        let limit = DynamoDBRiskRules.rule([
            "rule_id": "r2", "kind": "amount_limit", "currency": "EUR", "limit_minor": .number("500000"),
            "score": .number("40"), "action": "review",
        ])
        #expect(
            limit
                == RiskRule(
                    id: "r2", condition: .amountLimit(currency: try Currency("EUR"), limitMinor: 500_000), score: 40,
                    action: .review))
    }

    @Test("a rule that cannot be read is reported and does not switch off the others")
    func unreadableRule() async throws {
        let good =
            #"{"rule_id":{"S":"good"},"kind":{"S":"blocklist"},"field":{"S":"email"},"value":{"S":"x@y.z"},"#
            + #""score":{"N":"1"},"action":{"S":"review"}}"#
        let bad = [
            #"{"rule_id":{"S":"bad_kind"},"kind":{"S":"horoscope"},"score":{"N":"1"},"action":{"S":"review"}}"#,
            good.replacing("\"good\"", with: "\"bad_score\"").replacing(#"{"N":"1"}"#, with: #"{"N":"101"}"#),
            good.replacing("\"good\"", with: "\"bad_action\"").replacing("review", with: "shrug"),
            good.replacing("\"good\"", with: "\"bad_field\"").replacing("email", with: "shoe_size"),
            good.replacing("\"good\"", with: "\"bad_address\"").replacing("email", with: "ip_address"),
        ]
        let transport = ScriptedTransport(
            status: 200, json: #"{"Items":[\#((bad + [good]).joined(separator: ","))],"Count":5}"#)
        let log = LogCollector()
        let source = DynamoDBRiskRules(
            client: DynamoDBClient(try Fixture.awsClient(transport)), table: "risk_rules", logger: log.logger)
        #expect(try await source.rules().map(\.id) == ["good"])
        for id in ["bad_kind", "bad_score", "bad_action", "bad_field", "bad_address"] {
            #expect(log.lines.contains { $0.contains(id) })
        }
    }
}
