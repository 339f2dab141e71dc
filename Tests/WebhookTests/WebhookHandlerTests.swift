import Domain
import FoundationEssentials
import FunctionsShared
import FunctionsTestSupport
import Testing

@testable import Webhook

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

    @Test("a webhook for a charge that never comes is asked for again for an hour, then taken and reported")
    func chargeThatNeverComes() async throws {
        let sentAt = world.clock.now()
        let event = StripeEvent.intent("succeeded", status: "succeeded", createdAt: sentAt)
        #expect(try await world.deliver(event).statusCode == 409)
        world.clock.advance(seconds: WebhookRecording.maximumEarlinessSeconds)
        #expect(try await world.deliver(event).statusCode == 409)
        world.clock.advance(seconds: 1)
        let last = try await world.deliver(event)
        #expect(last.statusCode == 200)
        #expect(last.body == #"{"effect":"unknown_charge","received":true}"#)
        #expect(world.log.lines.contains { $0.contains("\"ERROR\"") && $0.contains("does not exist") })
        #expect(world.events.chargeIDs.isEmpty)
    }

    @Test("D-03: an old event still waits for a charge that exists and has not begun")
    func oldEventForAYoungCharge() async throws {
        try await Fixture.initiate(ChargeID(rawValue: "ch_1"), in: world.store())
        let event = StripeEvent.intent("succeeded", status: "succeeded", createdAt: world.clock.now())
        world.clock.advance(seconds: 2 * WebhookRecording.maximumEarlinessSeconds)
        #expect(try await world.deliver(event).statusCode == 409)
    }

    @Test("a hold that is canceled at the PSP is quarantined, not ignored")
    func canceledHold() async throws {
        try await world.begin("ch_1", captureMode: .manual)
        _ = try await world.deliver(StripeEvent.intent("amount_capturable_updated", status: "requires_capture"))
        #expect(try world.charge("ch_1")?.status == .authorized)
        let response = try await world.deliver(StripeEvent.intent("canceled", status: "canceled", id: "evt_2"))
        #expect(response.body == #"{"effect":"recorded","received":true}"#)
        #expect(try world.charge("ch_1")?.quarantines.map(\.reason) == [.holdCanceled])
        #expect(world.log.lines.contains { $0.contains("hold_canceled") })
    }

    @Test("one webhook loads its charge once")
    func oneLoad() async throws {
        try await world.begin("ch_1")
        let fate = ProcessFate()
        _ = try await world.deliver(succeeded, fate: fate)
        #expect(fate.steps.filter { $0 == "journal.load" }.count == 1)
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
            #expect(step >= 4, "load, append, publish, mark")
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
