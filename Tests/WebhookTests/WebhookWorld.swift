import Domain
import FoundationEssentials
import FunctionsShared
import FunctionsTestSupport
import LambdaCodable
import LambdaEvents

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
            events: store(fate: fate), clock: clock, identifiers: identifiers)
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
        currency: String = "eur", more: String = "", createdAt: Date? = nil
    ) -> String {
        let created = createdAt.map { #""created":\#(Int($0.timeIntervalSince1970)),"# } ?? ""
        return #"{"id":"\#(id)","object":"event",\#(created)"type":"payment_intent.\#(type)","#
            + #""data":{"object":{"id":"pi_1","#
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
