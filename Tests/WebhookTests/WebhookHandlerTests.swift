import Domain
import FoundationEssentials
import FunctionsShared
import FunctionsTestSupport
import LambdaEvents
import Testing

@testable import Webhook

/// The webhook function over shared memory, and a Stripe that signs what it sends.
final class WebhookWorld: Sendable {
    static let secret = "whsec_1"

    let events = InMemoryEvents()
    let clock = ManualClock()
    let identifiers = CountingIDGenerator()
    let log = LogCollector()
    let secrets = ScriptedSecrets(#"{"api_key":"sk_test","webhook_secrets":["whsec_1"]}"#)

    func handler(fate: ProcessFate = ProcessFate()) -> WebhookHandler {
        WebhookHandler(
            receiver: StripeWebhookReceiver(secrets: secrets, secretID: "stripe", clock: clock),
            events: store(fate: fate), identifiers: identifiers)
    }

    func store(fate: ProcessFate = ProcessFate()) -> EventStore {
        Fixture.eventStore(events, clock: clock, identifiers: identifiers, fate: fate, logger: log.logger)
    }

    /// Delivers bytes signed as Stripe signs them.
    func deliver(_ body: String, secret: String = WebhookWorld.secret, fate: ProcessFate = ProcessFate()) async throws
        -> ALBResponse
    {
        let signature = StripeWebhookVerifier.header(
            body: Data(body.utf8), secret: secret, timestamp: Int64(clock.now().timeIntervalSince1970))
        return try await send(body, signature: signature, to: handler(fate: fate))
    }

    func send(_ body: String, signature: String?, to handler: WebhookHandler? = nil) async throws -> ALBResponse {
        var headers = ["x-amzn-trace-id": "Root=1-webhook"]
        headers["stripe-signature"] = signature
        let request = Fixture.request("POST", "/v1/webhooks/stripe", body: body, headers: headers)
        return try await (handler ?? self.handler()).handle(request, context: Fixture.context(logger: log.logger))
    }

    /// A charge whose attempt has begun, as it is when the PSP's first webhook can come.
    func begin(_ id: String, captureMode: CaptureMode = .automatic) async throws {
        let chargeID = ChargeID(rawValue: id)
        try await Fixture.initiate(chargeID, captureMode: captureMode, in: store())
        try await Fixture.startProcessing(chargeID, in: store())
    }

    func charge(_ id: String) throws -> Charge? { try events.charge(ChargeID(rawValue: id)) }
}

/// Stripe's events about one payment intent and its refund.
enum StripeEvent {
    static func intent(
        _ type: String, status: String, charge: String = "ch_1", id: String = "evt_1", amount: Int = 1999,
        currency: String = "eur", more: String = ""
    ) -> String {
        #"{"id":"\#(id)","object":"event","type":"payment_intent.\#(type)","data":{"object":{"id":"pi_1","#
            + #""object":"payment_intent","status":"\#(status)","amount":\#(amount),"amount_received":\#(amount),"#
            + #""amount_capturable":\#(amount),"currency":"\#(currency)","metadata":{"charge_id":"\#(charge)"}"#
            + more + "}}}"
    }

    static let failed = intent(
        "payment_failed", status: "requires_payment_method", id: "evt_failed",
        more: #","last_payment_error":{"type":"card_error","code":"card_declined","message":"Declined."}"#)

    static func refund(_ status: String, id: String = "evt_r", amount: Int = 500, refund: String = "re_1") -> String {
        #"{"id":"\#(id)","object":"event","type":"refund.updated","data":{"object":{"id":"re_psp","#
            + #""object":"refund","status":"\#(status)","amount":\#(amount),"currency":"eur","#
            + #""metadata":{"charge_id":"ch_1","refund_id":"\#(refund)"}}}}"#
    }
}

@Suite("POST /v1/webhooks/stripe")
struct WebhookHandlerTests {
    private let world = WebhookWorld()
    private let succeeded = StripeEvent.intent("succeeded", status: "succeeded")

    @Test("a success is recorded with the webhook as its evidence and the event's id as its cause")
    func success() async throws {
        try await world.begin("ch_1")
        let response = try await world.deliver(succeeded)
        #expect(response.statusCode == 200)
        #expect(response.body == #"{"effect":"recorded","received":true}"#)
        #expect(try world.charge("ch_1")?.status == .succeeded)
        let last = try #require(world.events.envelopes(ChargeID(rawValue: "ch_1")).last)
        #expect(last.causationID == "evt_1")
        #expect(last.traceID == "1-webhook")
        #expect(last.merchantID == Fixture.merchantID)
        guard case .chargeSucceeded(let event) = last.event else {
            Issue.record("expected ChargeSucceeded, got \(last.type)")
            return
        }
        #expect(event.evidence == .webhook)
    }

    @Test("duplicates append nothing and are answered with 200")
    func duplicates() async throws {
        try await world.begin("ch_1")
        for _ in 0..<5 { #expect(try await world.deliver(succeeded).statusCode == 200) }
        #expect(world.events.types(ChargeID(rawValue: "ch_1")).filter { $0 == "ChargeSucceeded" }.count == 1)
    }

    @Test("twenty concurrent deliveries of one event record it once")
    func concurrentDuplicates() async throws {
        try await world.begin("ch_1")
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 { group.addTask { try await world.deliver(succeeded).statusCode } }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(Set(statuses) == [200])
        #expect(world.events.types(ChargeID(rawValue: "ch_1")).filter { $0 == "ChargeSucceeded" }.count == 1)
    }

    @Test("a bad signature is answered with 400 and nothing is appended")
    func badSignature() async throws {
        try await world.begin("ch_1")
        let version = try world.charge("ch_1")?.version
        let responses = [
            try await world.deliver(succeeded, secret: "whsec_wrong"),
            try await world.send(succeeded, signature: nil),
            try await world.send(succeeded, signature: "t=1,v1=00"),
        ]
        for response in responses {
            #expect(response.statusCode == 400)
            #expect(response.body?.contains("signature_invalid") == true)
        }
        #expect(try world.charge("ch_1")?.version == version)
    }

    @Test("D-05: the bytes that were signed are verified, base64-encoded by the load balancer or not")
    func base64() async throws {
        try await world.begin("ch_1")
        let body = StripeEvent.intent("succeeded", status: "succeeded", more: ",\r\n \"description\":\"Zoë 😀\"") + "\n"
        let signature = StripeWebhookVerifier.header(
            body: Data(body.utf8), secret: WebhookWorld.secret,
            timestamp: Int64(world.clock.now().timeIntervalSince1970))
        let request = Fixture.request(
            "POST", "/v1/webhooks/stripe", body: Data(body.utf8).base64EncodedString(),
            headers: ["Stripe-Signature": signature], isBase64Encoded: true)
        let response = try await world.handler().handle(request, context: Fixture.context())
        #expect(response.statusCode == 200)
        #expect(try world.charge("ch_1")?.status == .succeeded)
    }

    @Test("D-03: a webhook for a charge that is not there yet is sent back to come again, and then it works")
    func earlyWebhook() async throws {
        #expect(try await world.deliver(succeeded).statusCode == 409)
        #expect(world.events.chargeIDs.isEmpty)
        try await Fixture.initiate(ChargeID(rawValue: "ch_1"), in: world.store())
        #expect(try await world.deliver(succeeded).statusCode == 409, "no attempt has begun")
        try await Fixture.startProcessing(ChargeID(rawValue: "ch_1"), in: world.store())
        #expect(try await world.deliver(succeeded).statusCode == 200)
        #expect(try world.charge("ch_1")?.status == .succeeded)
    }

    @Test("D-03: the webhook is faster than the answer to our own request, which then changes nothing")
    func webhookBeforeResponse() async throws {
        try await world.begin("ch_1")
        _ = try await world.deliver(succeeded)
        let version = try world.charge("ch_1")?.version
        let evidence = GatewayEvidence(reference: "pi_1", amount: try Fixture.euros(1999))
        try await Fixture.decide(
            .recordChargeOutcome(.succeeded(evidence), attempt: 1, evidence: .response),
            on: ChargeID(rawValue: "ch_1"), in: world.store())
        #expect(try world.charge("ch_1")?.version == version)
    }

    @Test("events of other systems are answered with 200 and change nothing")
    func foreign() async throws {
        try await world.begin("ch_1")
        let version = try world.charge("ch_1")?.version
        let foreign = [
            succeeded.replacing(#""charge_id":"ch_1""#, with: #""other":"x""#),
            #"{"id":"evt_c","object":"event","type":"customer.created","data":{"object":{}}}"#,
        ]
        for body in foreign {
            let response = try await world.deliver(body)
            #expect(response.statusCode == 200)
            #expect(response.body?.contains("ignored") == true)
        }
        #expect(try world.charge("ch_1")?.version == version)
    }

    @Test("a genuine event that cannot be read is answered with 400, so that it is seen")
    func unreadable() async throws {
        let response = try await world.deliver("not json")
        #expect(response.statusCode == 400)
        #expect(response.body?.contains("malformed_body") == true)
    }

    @Test("D-23: a success over another amount or currency is quarantined once, and never booked")
    func wrongMoney() async throws {
        try await world.begin("ch_1")
        let less = StripeEvent.intent("succeeded", status: "succeeded", amount: 1)
        for _ in 0..<3 { #expect(try await world.deliver(less).statusCode == 200) }
        let dollars = StripeEvent.intent("succeeded", status: "succeeded", currency: "usd")
        #expect(try await world.deliver(dollars).statusCode == 200)
        let charge = try #require(try world.charge("ch_1"))
        #expect(charge.capturedMinor == 0)
        #expect(charge.quarantines.map(\.reason) == [.amountMismatch, .currencyMismatch])
        #expect(world.log.lines.contains { $0.contains("quarantined") })
    }

    @Test("a refund's outcome is recorded; a refund that is not there yet comes again")
    func refund() async throws {
        let id = ChargeID(rawValue: "ch_1")
        try await Fixture.succeed(id, in: world.store())
        #expect(try await world.deliver(StripeEvent.refund("succeeded")).statusCode == 409)
        try await Fixture.decide(
            .initiateRefund(
                InitiateRefund(refundID: RefundID(rawValue: "re_1"), amount: try Fixture.euros(500))),
            on: id, in: world.store())
        #expect(try await world.deliver(StripeEvent.refund("pending")).statusCode == 200)
        #expect(try await world.deliver(StripeEvent.refund("succeeded")).statusCode == 200)
        #expect(try world.charge("ch_1")?.refundedMinor == 500)
    }

    @Test("a crash at any step and the PSP's redelivery record the outcome once")
    func crashAtEveryStep() async throws {
        for moment in ProcessFate.Moment.allCases {
            var step = 0
            while true {
                let world = WebhookWorld()
                try await world.begin("ch_1")
                let fate = ProcessFate(crashAtStep: step, moment: moment)
                let first = try await world.deliver(succeeded, fate: fate)
                guard fate.hasCrashed else { break }
                if first.statusCode == 200 {
                    #expect(try world.charge("ch_1")?.status == .succeeded, "step \(step)")
                }
                #expect(try await world.deliver(succeeded).statusCode == 200)
                let types = world.events.types(ChargeID(rawValue: "ch_1"))
                #expect(types.filter { $0 == "ChargeSucceeded" }.count == 1, "step \(step) \(moment)")
                #expect(Set(world.events.published.map(\.envelope.version)) == [1, 2, 3, 4], "step \(step) \(moment)")
                step += 1
            }
            #expect(step >= 5)
        }
    }

    @Test("without a signing secret the PSP is told to come again")
    func noSecret() async throws {
        world.secrets.fail(SecretError("secret stripe: timed out"))
        #expect(try await world.deliver(succeeded).statusCode == 503)
    }

    @Test("other paths and methods")
    func routing() async throws {
        let handler = world.handler()
        let unknown = Fixture.request("POST", "/v1/webhooks/other")
        #expect(try await handler.handle(unknown, context: Fixture.context()).statusCode == 404)
        let get = Fixture.request("GET", "/v1/webhooks/stripe")
        let response = try await handler.handle(get, context: Fixture.context())
        #expect(response.statusCode == 405)
        #expect(response.headers?["Allow"] == "POST")
    }

    @Test("D-15: nothing of a payload is logged")
    func payloadStaysOut() async throws {
        try await world.begin("ch_1")
        let body = StripeEvent.intent(
            "succeeded", status: "succeeded", more: #","receipt_email":"someone@example.com""#)
        _ = try await world.deliver(body)
        _ = try await world.deliver("{" + body)
        #expect(world.log.lines.allSatisfy { !$0.contains("someone@example.com") })
    }
}

@Suite("Webhooks in any order")
struct WebhookOrderTests {
    /// All orders of up to six events, each followed by a duplicate delivery of everything.
    @Test("D-04: every order of a successful charge's events, with duplicates, ends in the same state")
    func successPermutations() async throws {
        let events = [
            StripeEvent.intent("created", status: "requires_confirmation", id: "evt_1"),
            StripeEvent.intent("requires_action", status: "requires_action", id: "evt_2"),
            StripeEvent.intent("processing", status: "processing", id: "evt_3"),
            StripeEvent.intent("succeeded", status: "succeeded", id: "evt_4"),
            StripeEvent.refund("pending", id: "evt_5"),
            StripeEvent.refund("succeeded", id: "evt_6"),
        ]
        var states: Set<String> = []
        for order in Self.permutations(events) { states.insert(try await Self.finalState(order)) }
        #expect(states == ["SUCCEEDED captured 1999 refunded 500 reserved 0 quarantined false"])
    }

    @Test("D-04: every order of a declined charge's events ends in the same state")
    func failurePermutations() async throws {
        let events = [
            StripeEvent.intent("created", status: "requires_confirmation", id: "evt_1"),
            StripeEvent.intent("requires_action", status: "requires_action", id: "evt_2"),
            StripeEvent.intent("processing", status: "processing", id: "evt_3"),
            StripeEvent.failed,
        ]
        var states: Set<String> = []
        for order in Self.permutations(events) { states.insert(try await Self.finalState(order)) }
        #expect(states == ["FAILED captured 0 refunded 0 reserved 0 quarantined false"])
    }

    /// Delivers in the given order; what is sent back comes again after the others, as the PSP does it. The merchant
    /// asks for a refund as soon as the charge is paid.
    private static func finalState(_ order: [String]) async throws -> String {
        let world = WebhookWorld()
        try await world.begin("ch_1")
        var waiting = order + order
        for _ in 0..<4 where !waiting.isEmpty {
            var again: [String] = []
            for body in waiting {
                if try await world.deliver(body).statusCode != 200 { again.append(body) }
                try await refundWhenPaid(world)
            }
            waiting = again
        }
        #expect(waiting.isEmpty)
        let charge = try #require(try world.charge("ch_1"))
        return "\(charge.status.rawValue) captured \(charge.capturedMinor) refunded \(charge.refundedMinor) "
            + "reserved \(charge.refundReservedMinor) quarantined \(charge.quarantined)"
    }

    private static func refundWhenPaid(_ world: WebhookWorld) async throws {
        let id = ChargeID(rawValue: "ch_1")
        guard let charge = try world.charge("ch_1"), charge.status == .succeeded, charge.refunds.isEmpty else { return }
        try await Fixture.decide(
            .initiateRefund(InitiateRefund(refundID: RefundID(rawValue: "re_1"), amount: try Fixture.euros(500))),
            on: id, in: world.store())
    }

    private static func permutations(_ elements: [String]) -> [[String]] {
        guard elements.count > 1 else { return [elements] }
        return elements.indices.flatMap { index -> [[String]] in
            var rest = elements
            let first = rest.remove(at: index)
            return permutations(rest).map { [first] + $0 }
        }
    }
}
