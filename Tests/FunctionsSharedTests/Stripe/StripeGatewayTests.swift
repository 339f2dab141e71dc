import Domain
import FoundationEssentials
import FunctionsTestSupport
import HTTPClient
import Synchronization
import Testing

@testable import FunctionsShared

@Suite("Stripe gateway")
struct StripeGatewayTests {
    private static let intentAnswer =
        #"{"id":"pi_1","object":"payment_intent","status":"succeeded","amount":1999,"amount_received":1999,"#
        + #""currency":"eur"}"#
    private static let secret = #"{"api_key":"sk_test_1","webhook_secrets":["whsec_1"]}"#
    private let secrets = ScriptedSecrets(StripeGatewayTests.secret)

    private func gateway(_ transport: ScriptedTransport) -> StripeGateway {
        StripeGateway(
            transport: transport, secrets: secrets, secretID: "stripe", baseURL: "http://stripe.test",
            timeoutMilliseconds: 12_000)
    }

    private func charge(
        _ amountMinor: Int64 = 1999, _ currency: String = "EUR", captureMode: CaptureMode = .automatic
    ) throws -> GatewayChargeRequest {
        GatewayChargeRequest(
            chargeID: ChargeID(rawValue: "ch_1"), merchantID: Fixture.merchantID,
            amount: Money(amountMinor: amountMinor, currency: try Currency(currency)),
            paymentMethod: "pm_card_visa", captureMode: captureMode,
            idempotencyKey: ProviderIdempotencyKey.charge(ChargeID(rawValue: "ch_1"), attempt: 1),
            description: "Tea & cake")
    }

    private func refundRequest(reason: String? = "duplicate") throws -> GatewayRefundRequest {
        GatewayRefundRequest(
            chargeID: ChargeID(rawValue: "ch_1"), refundID: RefundID(rawValue: "re_1"),
            merchantID: Fixture.merchantID, providerReference: "pi_1", amount: try Fixture.euros(500),
            idempotencyKey: "ch_1:refund:re_1", reason: reason)
    }

    private func body(_ transport: ScriptedTransport) throws -> [String] {
        let body = try #require(transport.requests.last?.body)
        return String(decoding: body, as: UTF8.self).split(separator: "&").map(String.init)
    }

    @Test("the wire form of a charge")
    func chargeOnTheWire() async throws {
        let transport = ScriptedTransport(status: 200, json: Self.intentAnswer)
        let outcome = try await gateway(transport).charge(try charge())
        #expect(
            outcome == .succeeded(GatewayEvidence(reference: "pi_1", amount: try Fixture.euros(1999))))
        let request = try #require(transport.requests.first)
        #expect(request.method == "POST")
        #expect(request.url == "http://stripe.test/v1/payment_intents")
        #expect(request.headers["Authorization"] == "Bearer sk_test_1")
        #expect(request.headers["Stripe-Version"] == "2023-10-16")
        #expect(request.headers["Content-Type"] == "application/x-www-form-urlencoded")
        #expect(request.headers["Idempotency-Key"] == "ch_1:charge:1")
        #expect(request.timeoutMilliseconds == 12_000)
        let fields = try body(transport)
        #expect(
            fields == [
                "amount=1999", "currency=eur", "payment_method=pm_card_visa", "payment_method_types%5B0%5D=card",
                "confirm=true", "capture_method=automatic", "description=Tea%20%26%20cake",
                "metadata%5Bcharge_id%5D=ch_1", "metadata%5Bmerchant_id%5D=mer_1",
            ])
    }

    @Test("a manual charge says so")
    func manualCapture() async throws {
        let transport = ScriptedTransport(status: 200, json: Self.intentAnswer)
        _ = try await gateway(transport).charge(try charge(captureMode: .manual))
        #expect(try body(transport).contains("capture_method=manual"))
    }

    @Test("the wire form of a refund; a reason that Stripe does not know stays with us")
    func refundOnTheWire() async throws {
        let answer =
            #"{"id":"re_9","object":"refund","status":"succeeded","amount":500,"currency":"eur","metadata":{}}"#
        let transport = ScriptedTransport(status: 200, json: answer)
        let outcome = try await gateway(transport).refund(try refundRequest())
        #expect(outcome == .succeeded(GatewayEvidence(reference: "re_9", amount: try Fixture.euros(500))))
        #expect(transport.requests.first?.url == "http://stripe.test/v1/refunds")
        #expect(transport.requests.first?.headers["Idempotency-Key"] == "ch_1:refund:re_1")
        #expect(
            try body(transport) == [
                "payment_intent=pi_1", "amount=500", "reason=duplicate", "metadata%5Bcharge_id%5D=ch_1",
                "metadata%5Bmerchant_id%5D=mer_1", "metadata%5Brefund_id%5D=re_1",
            ])
        _ = try await gateway(transport).refund(try refundRequest(reason: "changed my mind"))
        #expect(try !body(transport).contains { $0.hasPrefix("reason=") })
    }

    @Test("retrieving reads one object and escapes its id")
    func retrieve() async throws {
        let transport = ScriptedTransport(status: 200, json: Self.intentAnswer)
        _ = try await gateway(transport).retrieveCharge(reference: "pi_1/../x")
        #expect(transport.requests.first?.method == "GET")
        #expect(transport.requests.first?.url == "http://stripe.test/v1/payment_intents/pi_1%2F..%2Fx")
        #expect(transport.requests.first?.headers["Idempotency-Key"] == nil)
    }

    @Test(
        "D-02: of a charge that is asked for, only the payment intent itself may tell a refusal", arguments: [400, 404])
    func retrievalFails(status: Int) async throws {
        let missing =
            #"{"error":{"type":"invalid_request_error","code":"resource_missing","param":"intent","message":"No."}}"#
        let failing = ScriptedTransport(status: status, json: missing)
        guard case .unknown = try await gateway(failing).retrieveCharge(reference: "pi_1") else {
            Issue.record("a question that fails must be unknown")
            return
        }
        let canceled = Self.intentAnswer.replacing(#""status":"succeeded""#, with: #""status":"canceled""#)
        let answering = ScriptedTransport(status: 200, json: canceled)
        guard case .declined = try await gateway(answering).retrieveCharge(reference: "pi_1") else {
            Issue.record("a canceled payment intent is a refusal")
            return
        }
    }

    @Test("a question that Stripe refuses to look at was not asked", arguments: [401, 429])
    func retrievalNotAsked(status: Int) async throws {
        let transport = ScriptedTransport(status: status, json: "{}")
        await #expect(throws: GatewayNotAttempted.self) {
            try await gateway(transport).retrieveCharge(reference: "pi_1")
        }
    }

    @Test("D-14: an amount that Stripe could only take rounded is refused without a request")
    func notExpressible() async throws {
        let transport = ScriptedTransport(status: 200, json: Self.intentAnswer)
        let outcome = try await gateway(transport).charge(try charge(1235, "KWD"))
        guard case .declined(let decline) = outcome else {
            Issue.record("expected a refusal, got \(outcome)")
            return
        }
        #expect(decline.reason == "amount_not_supported")
        #expect(transport.requests.isEmpty)
        _ = try await gateway(transport).charge(try charge(500, "ISK"))
        #expect(try body(transport).first == "amount=50000")
    }

    @Test("a card error is a refusal with the intent it is about")
    func declined() async throws {
        let transport = ScriptedTransport(
            status: 402,
            json: #"{"error":{"type":"card_error","code":"card_declined","decline_code":"generic_decline","#
                + #""message":"Your card was declined.","payment_intent":{"id":"pi_7","object":"payment_intent"}}}"#)
        #expect(
            try await gateway(transport).charge(try charge())
                == .declined(
                    GatewayDecline(
                        reason: "card_declined", declineCode: "generic_decline",
                        message: "Your card was declined.", reference: "pi_7")))
    }

    @Test("a success that is not JSON, or not a payment intent, is unknown")
    func unreadableSuccess() async throws {
        for body in ["<html>", #"{"object":"list"}"#, #"{"id":"pi_1","object":"payment_intent"}"#] {
            let outcome = try await gateway(ScriptedTransport(status: 200, json: body)).charge(try charge())
            guard case .unknown = outcome else {
                Issue.record("\(body) must be unknown, got \(outcome)")
                continue
            }
        }
    }

    @Test("a refused API key is refreshed once, and the same request goes out again under the same key")
    func rotatedKey() async throws {
        let transport = ScriptedTransport([
            ScriptedTransport.json(401, #"{"error":{"type":"invalid_request_error"}}"#),
            ScriptedTransport.json(200, Self.intentAnswer),
        ])
        secrets.rotate(to: #"{"api_key":"sk_test_2\n","webhook_secrets":[]}"#)
        _ = try await gateway(transport).charge(try charge())
        #expect(transport.requests.map { $0.headers["Authorization"] } == ["Bearer sk_test_1", "Bearer sk_test_2"])
        #expect(Set(transport.requests.map { $0.headers["Idempotency-Key"] }) == ["ch_1:charge:1"])
        #expect(transport.requests[0].body == transport.requests[1].body)
    }

    @Test("D-28: a key that stays refused is not tried a third time; nothing was attempted")
    func refusedKey() async throws {
        let transport = ScriptedTransport(status: 401, json: #"{"error":{"type":"invalid_request_error"}}"#)
        await #expect(throws: GatewayNotAttempted.self) { try await gateway(transport).charge(try charge()) }
        #expect(transport.requests.count == 2)
        #expect(secrets.refreshCount == 1)
    }

    @Test("D-32: a connection that broke is tried once more under the same key, and that answer settles the first")
    func brokenConnection() async throws {
        let lost = ScriptedTransport.failure(.connectionLost("reset by peer"))
        let transport = ScriptedTransport([lost, ScriptedTransport.json(200, Self.intentAnswer)])
        let outcome = try await gateway(transport).charge(try charge())
        #expect(outcome == .succeeded(GatewayEvidence(reference: "pi_1", amount: try Fixture.euros(1999))))
        #expect(transport.requests.map { $0.headers["Idempotency-Key"] } == ["ch_1:charge:1", "ch_1:charge:1"])
        #expect(transport.requests[0].body == transport.requests[1].body)
    }

    @Test(
        "D-02: a request that may have been executed stays unknown when its repetition is not executed",
        arguments: [
            ScriptedTransport.failure(.notSent("connection refused")), ScriptedTransport.json(401, "{}"),
            ScriptedTransport.json(403, "{}"), ScriptedTransport.json(429, "{}"),
            ScriptedTransport.json(
                400, #"{"error":{"type":"invalid_request_error","code":"parameter_missing","param":"amount"}}"#),
            ScriptedTransport.json(
                404, #"{"error":{"type":"invalid_request_error","code":"resource_missing","param":"x"}}"#),
        ])
    func lostThenNotExecuted(second: @escaping ScriptedTransport.Answer) async throws {
        let transport = ScriptedTransport([ScriptedTransport.failure(.connectionLost("reset by peer")), second])
        guard case .unknown(let detail) = try await gateway(transport).charge(try charge()) else {
            Issue.record("the first request may have been executed")
            return
        }
        #expect(detail.contains("reset by peer"), "the first unknown is the one that is told")
        #expect(transport.requests.count == 2)
    }

    @Test("D-02: the card error that Stripe keeps for a key answers a lost first request too")
    func lostThenDeclined() async throws {
        let transport = ScriptedTransport([
            ScriptedTransport.failure(.connectionLost("reset")),
            ScriptedTransport.json(402, #"{"error":{"type":"card_error","code":"card_declined"}}"#),
        ])
        guard case .declined(let decline) = try await gateway(transport).charge(try charge()) else {
            Issue.record("a kept answer is definitive")
            return
        }
        #expect(decline.reach == .attempt)
    }

    @Test("D-02: a key that is in use belongs to a request that is being executed")
    func keyInUse() async throws {
        let transport = ScriptedTransport(
            status: 409, json: #"{"error":{"type":"idempotency_error","code":"idempotency_key_in_use"}}"#)
        guard case .unknown = try await gateway(transport).charge(try charge()) else {
            Issue.record("the other request may succeed")
            return
        }
    }

    @Test("D-28: a connection that keeps breaking is tried twice, a request without an answer in time once")
    func boundedRepetition() async throws {
        let failures: [(HTTPClientError, Int)] = [(.connectionLost("reset"), 2), (.timedOut("12 s"), 1)]
        for (error, requestCount) in failures {
            let transport = ScriptedTransport([ScriptedTransport.failure(error)])
            guard case .unknown = try await gateway(transport).charge(try charge()) else {
                Issue.record("\(error) must be unknown")
                continue
            }
            #expect(transport.requests.count == requestCount)
        }
    }

    @Test("D-32: both requests share one time limit; without time for a second one there is none")
    func sharedTimeLimit() async throws {
        let lost = ScriptedTransport.failure(.connectionLost("reset"))
        for (elapsed, timeouts) in [(5_000, [12_000, 7_000]), (12_000, [12_000])] {
            let transport = ScriptedTransport([lost])
            let clock = SteppingClock(stepMilliseconds: Int64(elapsed))
            let gateway = StripeGateway(
                transport: transport, secrets: secrets, secretID: "stripe", baseURL: "http://stripe.test",
                timeoutMilliseconds: 12_000, uptimeMilliseconds: clock.next)
            _ = try await gateway.charge(try charge())
            #expect(transport.requests.map(\.timeoutMilliseconds) == timeouts)
        }
    }

    @Test("without a usable secret nothing is attempted, and the error shows no secret")
    func noSecret() async throws {
        let transport = ScriptedTransport(status: 200, json: Self.intentAnswer)
        for secret in ["not json sk_live_9", #"{"api_key":"","webhook_secrets":[]}"#] {
            let gateway = StripeGateway(
                transport: transport, secrets: ScriptedSecrets(secret), secretID: "stripe",
                baseURL: "http://stripe.test")
            do {
                _ = try await gateway.charge(try charge())
                Issue.record("must not be attempted")
            } catch let error as GatewayNotAttempted {
                #expect(!error.reason.contains("sk_live"))
            }
        }
        #expect(transport.requests.isEmpty)
    }

    @Test("Retry-After is passed on")
    func retryAfter() async throws {
        let transport = ScriptedTransport(status: 429, json: "{}", headers: ["Retry-After": "2"])
        await #expect(throws: GatewayNotAttempted(reason: "HTTP 429", retryAfterMilliseconds: 2000)) {
            try await gateway(transport).charge(try charge())
        }
        #expect(StripeClient.retryAfterMilliseconds("0.5") == 500)
        #expect(StripeClient.retryAfterMilliseconds("1e30") == 900_000)
        for odd in [nil, "-1", "nan", "soon", "inf"] { #expect(StripeClient.retryAfterMilliseconds(odd) == nil) }
    }

    @Test("D-01: the same request always has the same bytes, as a replay under one key must")
    func sameBytes() async throws {
        let transport = ScriptedTransport(status: 200, json: Self.intentAnswer)
        for _ in 0..<3 { _ = try await gateway(transport).charge(try charge()) }
        #expect(Set(transport.requests.map(\.body)).count == 1)
    }
}

/// A clock that moves on with every look at it.
private final class SteppingClock: Sendable {
    private let milliseconds = Mutex<Int64>(0)
    private let step: Int64

    init(stepMilliseconds: Int64) { step = stepMilliseconds }

    @Sendable func next() -> Int64 {
        milliseconds.withLock { value in
            defer { value += step }
            return value
        }
    }
}
