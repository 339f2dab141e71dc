import Cryptography
import CurlEventLoop
import Foundation
import HTTPClient
import Testing

@testable import LocalEmulator

@Suite struct StripeSandboxTests {
    private static let key = "sk_test_unit"
    private static let secret = "whsec_unit"
    /// 2026-01-15 23:59:58 UTC: two seconds before a day ends.
    private static let start: Int64 = 1_768_521_598_000

    private func sandbox(
        webhookURL: String? = nil, settlements: String? = nil,
        now: @escaping @Sendable () -> Int64 = { start }
    ) -> StripeSandbox {
        StripeSandbox(
            apiKey: Self.key, webhookSecret: Self.secret, webhookURL: { webhookURL },
            settlementDirectory: settlements, nowMilliseconds: now)
    }

    private func send(
        _ sandbox: StripeSandbox, _ path: String, _ body: String? = nil, key: String? = nil
    ) -> HTTPServerResponse {
        var headers: HTTPHeaders = ["Authorization": "Bearer \(Self.key)", "Stripe-Version": "2023-10-16"]
        headers["Idempotency-Key"] = key
        return sandbox.handle(
            HTTPServerRequest(
                method: body == nil ? "GET" : "POST", target: path, headers: headers, body: Data((body ?? "").utf8)))
    }

    private func reply(
        _ response: HTTPServerResponse
    ) throws -> (status: Int, headers: HTTPHeaders, body: JSONValue) {
        guard case .reply(let status, let headers, let body) = response else {
            throw Unanswered()
        }
        return (status, headers, try JSONValue(parsing: body))
    }

    private struct Unanswered: Error {}

    private func payment(
        _ method: String, charge: String = "ch_1", amount: Int = 1999, more: String = ""
    ) -> String {
        "amount=\(amount)&currency=eur&confirm=true&payment_method=\(method)&payment_method_types[]=card"
            + "&metadata[charge_id]=\(charge)" + more
    }

    @Test func d02TheLostAnswerIsCommittedAndKept() throws {
        let sandbox = sandbox()
        let form = payment("pm_card_visa_answerLost")
        guard case .hang = send(sandbox, "/v1/payment_intents", form, key: "k") else {
            Issue.record("the answer was not lost")
            return
        }
        #expect(sandbox.currentState().charges["ch_1"]?.chargesSucceeded == 1)
        let again = try reply(send(sandbox, "/v1/payment_intents", form, key: "k"))
        #expect(again.status == 200 && again.body["status"] == "succeeded")
        #expect(again.headers["Idempotent-Replayed"] == "true")
        let state = sandbox.currentState()
        #expect(state.paymentIntents == 1 && state.chargesSucceeded == 1 && state.idempotentReplays == 1)
    }

    @Test func anAnswerThatFailsAfterItsEffectStillBelongsToTheKey() throws {
        let sandbox = sandbox()
        let form = payment("pm_card_visa", more: "&expand[]=no_such_field")
        for _ in 0..<2 {
            #expect(try reply(send(sandbox, "/v1/payment_intents", form, key: "k")).status == 400)
        }
        #expect(sandbox.currentState().chargesSucceeded == 1)
    }

    @Test func webhooksAreSignedOverTheBytesThatAreSent() throws {
        let received = Monitor<[HTTPServerRequest]>([])
        let endpoint = try HTTPServer { request in
            received.withLock { $0.append(request) }
            return .text(200, "")
        }
        defer { endpoint.stop() }
        let sandbox = sandbox(webhookURL: "http://127.0.0.1:\(endpoint.port)/hook")
        defer { sandbox.stop() }
        _ = send(sandbox, "/v1/payment_intents", payment("pm_card_visa"), key: "our-key")
        #expect(sandbox.waitForWebhooks(timeoutMilliseconds: 10_000))
        let requests = received.read { $0 }
        #expect(
            try requests.map { try JSONValue(parsing: $0.body)["type"]?.stringValue } == [
                "payment_intent.created", "charge.succeeded", "payment_intent.succeeded",
            ])
        for request in requests {
            let expected = StripeWebhookSignature.header(
                body: request.body, secret: Self.secret, seconds: Self.start / 1000)
            #expect(request.headers["Stripe-Signature"] == expected)
            let event = try JSONValue(parsing: request.body)
            #expect(event["request"]?["idempotency_key"] == "our-key")
        }
        #expect(sandbox.currentState().charges["ch_1"]?.deliveries == 3)
    }

    @Test func webhooksSurviveAnEndpointThatIsNotThereYet() throws {
        let url = Monitor<String?>("http://127.0.0.1:1/nobody-listens")
        let sandbox = StripeSandbox(apiKey: Self.key, webhookSecret: Self.secret, webhookURL: { url.read { $0 } })
        defer { sandbox.stop() }
        _ = send(sandbox, "/v1/payment_intents", payment("pm_card_visa"))
        let endpoint = try HTTPServer { _ in .text(200, "") }
        defer { endpoint.stop() }
        url.withLock { $0 = "http://127.0.0.1:\(endpoint.port)/" }
        #expect(sandbox.waitForWebhooks(timeoutMilliseconds: 10_000))
        #expect(sandbox.currentState().deliveries.delivered == 3)
    }

    @Test func d21ASettlementFileHoldsTheMovementsOfItsUTCDay() throws {
        let now = Monitor(Self.start)
        let folder = try TemporaryFolder()
        let sandbox = sandbox(settlements: folder.path, now: { now.read { $0 } })
        _ = send(sandbox, "/v1/payment_intents", payment("pm_card_visa", charge: "ch_before"))
        now.withLock { $0 += 2_000 }
        _ = send(sandbox, "/v1/payment_intents", payment("pm_card_visa", charge: "ch_after"))
        let before = try String(contentsOfFile: try sandbox.writeSettlement(day: "2026-01-15").path, encoding: .utf8)
        #expect(before.contains("ch_before") && !before.contains("ch_after"))
        #expect(before.contains(",2026-01-15 23:59:58,2026-01-17 00:00:00,eur,19.99,0.55,19.44,charge,"))
        let after = try sandbox.writeSettlement()
        #expect(after.day == "2026-01-16" && after.rowCount == 1)
        #expect(after.path == folder.path + "/stripe_2026-01-16.csv")
    }

    @Test func aPlantedDiscrepancyNeedsAChargeOfThatDay() throws {
        let folder = try TemporaryFolder()
        let sandbox = sandbox(settlements: folder.path)
        _ = send(sandbox, "/v1/payment_intents", payment("pm_card_visa"))
        #expect(throws: StripeSettlementError.noSuchCharge("ch_2", day: "2026-01-15")) {
            try sandbox.writeSettlement(alteredCharge: "ch_2")
        }
        let file = try sandbox.writeSettlement(alteredCharge: "ch_1")
        #expect(try String(contentsOfFile: file.path, encoding: .utf8).contains(",eur,20.00,0.55,19.45,charge,"))
        #expect(throws: StripeSettlementError.noDirectory) { try self.sandbox().writeSettlement() }
    }

    @Test func controlRefusesWhatItDoesNotKnow() throws {
        let sandbox = sandbox()
        for (path, form, status) in [
            ("/_sandbox/nothing", "", 404), ("/_sandbox/webhooks/explode", "", 404),
            ("/_sandbox/webhooks/copies", "copies=0", 400), ("/_sandbox/webhooks/copies", "", 400),
            ("/_sandbox/webhooks/release", "order=backwards", 400), ("/_sandbox/settlement", "", 400),
            ("/_sandbox/authentication/pi_unknown", "outcome=succeed", 404),
        ] {
            #expect(try reply(send(sandbox, path, form)).status == status, "\(path)")
        }
        #expect(try reply(send(sandbox, "/_sandbox/authentication/%3Cscript%3E")).status == 404)
    }
}
