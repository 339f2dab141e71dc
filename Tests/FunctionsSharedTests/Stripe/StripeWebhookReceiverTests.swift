import Domain
import FoundationEssentials
import FunctionsTestSupport
import Testing

@testable import FunctionsShared

@Suite("Stripe webhooks")
struct StripeWebhookReceiverTests {
    private static let oldSecret = #"{"api_key":"sk","webhook_secrets":["whsec_old"]}"#
    private static let bothSecrets = #"{"api_key":"sk","webhook_secrets":["whsec_old"," whsec_new\n"]}"#
    private let secrets = ScriptedSecrets(StripeWebhookReceiverTests.oldSecret)
    private let clock = ManualClock()

    private var receiver: StripeWebhookReceiver {
        StripeWebhookReceiver(secrets: secrets, secretID: "stripe", clock: clock)
    }

    private func header(_ body: String, secret: String = "whsec_old") -> String {
        StripeWebhookVerifier.header(
            body: Data(body.utf8), secret: secret, timestamp: Int64(clock.now().timeIntervalSince1970))
    }

    private func receive(_ body: String, secret: String = "whsec_old") async throws -> ProviderNotification {
        try await receiver.receive(signature: header(body, secret: secret), body: Data(body.utf8))
    }

    private func event(_ type: String, _ object: String) -> String {
        #"{"id":"evt_1","object":"event","type":"\#(type)","data":{"object":\#(object)}}"#
    }

    private func intent(_ status: String, _ metadata: String = #"{"charge_id":"ch_1"}"#, more: String = "") -> String {
        #"{"id":"pi_1","object":"payment_intent","status":"\#(status)","amount":1999,"amount_received":1999,"#
            + #""currency":"eur","metadata":\#(metadata)\#(more)}"#
    }

    @Test("D-03: a success is understood from our own id in the metadata, without knowing the PSP's")
    func success() async throws {
        let notification = try await receive(event("payment_intent.succeeded", intent("succeeded")))
        let evidence = GatewayEvidence(reference: "pi_1", amount: try Fixture.euros(1999))
        #expect(notification.eventID == "evt_1")
        #expect(notification.subject == .charge(ChargeID(rawValue: "ch_1"), .succeeded(evidence)))
    }

    @Test("a refund is understood from its metadata, whichever of Stripe's event types brings it")
    func refund() async throws {
        let object =
            #"{"id":"re_9","object":"refund","status":"succeeded","amount":500,"currency":"eur","#
            + #""metadata":{"charge_id":"ch_1","refund_id":"re_1"}}"#
        let evidence = GatewayEvidence(reference: "re_9", amount: try Fixture.euros(500))
        for type in ["refund.created", "refund.updated", "refund.failed", "charge.refund.updated"] {
            #expect(
                try await receive(event(type, object)).subject
                    == .refund(ChargeID(rawValue: "ch_1"), RefundID(rawValue: "re_1"), .succeeded(evidence)))
        }
    }

    @Test("D-04: a payment intent before its confirmation is no refusal and says nothing")
    func created() async throws {
        for status in ["requires_payment_method", "requires_confirmation"] {
            let notification = try await receive(event("payment_intent.created", intent(status)))
            guard case .ignored = notification.subject else {
                Issue.record("\(status) must say nothing, got \(notification.subject)")
                continue
            }
        }
    }

    @Test("D-04: what an event says depends on the object in it, not on the event's name")
    func objectDecides() async throws {
        let late = try await receive(event("payment_intent.processing", intent("succeeded")))
        let evidence = GatewayEvidence(reference: "pi_1", amount: try Fixture.euros(1999))
        #expect(late.subject == .charge(ChargeID(rawValue: "ch_1"), .succeeded(evidence)))
    }

    @Test("objects of other systems and types without meaning for us are ignored")
    func foreign() async throws {
        let bodies = [
            event("payment_intent.succeeded", intent("succeeded", "{}")),
            event("payment_intent.succeeded", intent("succeeded", "null")),
            event("charge.succeeded", #"{"id":"ch_x","object":"charge"}"#),
            event("customer.created", "{}"), event("type.of.the.future", "null"),
            event(
                "refund.updated",
                #"{"id":"re_9","object":"refund","status":"succeeded","amount":1,"currency":"eur","metadata":{}}"#),
        ]
        for body in bodies {
            guard case .ignored = try await receive(body).subject else {
                Issue.record("must be ignored: \(body)")
                continue
            }
        }
    }

    @Test("D-27: unknown fields do not break an event")
    func openEvent() async throws {
        let body =
            #"{"id":"evt_1","object":"event","api_version":"2099-01-01","brand_new":[{}],"type":"#
            + #""payment_intent.succeeded","data":{"object":"# + intent("succeeded", more: #","x":{"y":[]}"#)
            + #","previous_attributes":null}}"#
        guard case .charge = try await receive(body).subject else {
            Issue.record("must be understood")
            return
        }
    }

    @Test("genuine but unreadable events are told apart from forgeries")
    func unreadable() async throws {
        let bodies = [
            "not json", "[]", #"{"object":"event"}"#, event("payment_intent.succeeded", "{}"),
            event("refund.updated", "null"),
        ]
        for body in bodies {
            do {
                _ = try await receive(body)
                Issue.record("must not be readable: \(body)")
            } catch let failure as StripeWebhookReceiver.Failure {
                guard case .unreadable = failure else { throw failure }
            }
        }
    }

    @Test("the signature is checked before the content is looked at")
    func signatureFirst() async throws {
        await #expect(throws: StripeWebhookReceiver.Failure.signature(.noMatchingSignature)) {
            try await receiver.receive(signature: header("something else"), body: Data("not json".utf8))
        }
    }

    @Test("a webhook signed with a rolled secret is accepted after one fresh look, old and new alike")
    func rotation() async throws {
        let body = event("payment_intent.succeeded", intent("succeeded"))
        secrets.rotate(to: Self.bothSecrets)
        _ = try await receive(body, secret: "whsec_new")
        #expect(secrets.refreshCount == 1)
        _ = try await receive(body, secret: "whsec_old")
        #expect(secrets.refreshCount == 1, "no further look is needed")
    }

    @Test("a malformed header or an old signature is no reason to ask for fresh secrets")
    func noRefreshForNoise() async throws {
        _ = try? await receiver.receive(signature: "noise", body: Data())
        clock.advance(seconds: 1000)
        let old = StripeWebhookVerifier.header(body: Data("{}".utf8), secret: "whsec_old", timestamp: 1)
        _ = try? await receiver.receive(signature: old, body: Data("{}".utf8))
        #expect(secrets.refreshCount == 0)
    }
}
