/// What the sandbox has seen and done so far: the truth a test or a demonstration compares the system with.
public struct StripeSandboxState: Sendable, Equatable {
    /// Webhook deliveries; each copy and each resending counts.
    public struct Deliveries: Sendable, Equatable {
        /// Requests sent to the endpoint.
        public internal(set) var attempts = 0
        /// Deliveries the endpoint accepted with a 2xx.
        public internal(set) var delivered = 0
        /// Deliveries given up after the last attempt.
        public internal(set) var abandoned = 0
        /// Deliveries that still wait.
        public internal(set) var pending = 0
    }

    /// What happened for one `metadata[charge_id]`.
    public struct Charge: Sendable, Equatable {
        /// Payment intents created.
        public internal(set) var paymentIntents = 0
        /// Attempts the issuer approved.
        public internal(set) var chargesSucceeded = 0
        /// Attempts the issuer refused.
        public internal(set) var chargesFailed = 0
        /// Refunds.
        public internal(set) var refunds = 0
        /// Money captured, in minor units.
        public internal(set) var capturedMinor: Int64 = 0
        /// Money refunded, in minor units.
        public internal(set) var refundedMinor: Int64 = 0
        /// Webhook deliveries the endpoint accepted.
        public internal(set) var deliveries = 0
    }

    /// Payment intents created.
    public internal(set) var paymentIntents = 0
    /// Attempts the issuer approved.
    public internal(set) var chargesSucceeded = 0
    /// Attempts the issuer refused.
    public internal(set) var chargesFailed = 0
    /// Refunds.
    public internal(set) var refunds = 0
    /// Events, delivered or not.
    public internal(set) var events = 0
    /// Answers sent again for an idempotency key.
    public internal(set) var idempotentReplays = 0
    /// Webhook deliveries.
    public internal(set) var deliveries = Deliveries()
    /// The same per `metadata[charge_id]`; payments without one are not listed.
    public internal(set) var charges: [String: Charge] = [:]

    init(_ account: StripeAccount, _ queue: StripeWebhookQueue, idempotentReplays: Int) {
        paymentIntents = account.paymentIntents.count
        refunds = account.refunds.count
        events = account.events.count
        self.idempotentReplays = idempotentReplays
        deliveries = queue.counts
        deliveries.pending = queue.waiting.count + (queue.isSending ? 1 : 0)
        for intent in account.paymentIntents.all {
            count(intent) { $0.paymentIntents += 1 }
        }
        for charge in account.charges.all {
            let hasSucceeded = charge.failure == nil
            chargesSucceeded += hasSucceeded ? 1 : 0
            chargesFailed += hasSucceeded ? 0 : 1
            guard let intent = account.paymentIntents[charge.paymentIntent] else { continue }
            count(intent) {
                $0.chargesSucceeded += hasSucceeded ? 1 : 0
                $0.chargesFailed += hasSucceeded ? 0 : 1
                $0.capturedMinor += charge.amountCaptured
            }
        }
        for refund in account.refunds.all {
            guard let intent = account.paymentIntents[refund.paymentIntent] else { continue }
            count(intent) {
                $0.refunds += 1
                $0.refundedMinor += refund.amount
            }
        }
        for (charge, delivered) in queue.deliveredByCharge { charges[charge, default: Charge()].deliveries = delivered }
    }

    private mutating func count(_ intent: StripePaymentIntent, _ change: (inout Charge) -> Void) {
        guard let reference = intent.metadata[StripeAccount.chargeReferenceKey] else { return }
        change(&charges[reference, default: Charge()])
    }

    /// The state as `GET /_sandbox/state` shows it.
    var rendered: JSONValue {
        [
            "payment_intents": .integer(Int64(paymentIntents)),
            "charges_succeeded": .integer(Int64(chargesSucceeded)),
            "charges_failed": .integer(Int64(chargesFailed)), "refunds": .integer(Int64(refunds)),
            "events": .integer(Int64(events)), "idempotent_replays": .integer(Int64(idempotentReplays)),
            "deliveries": [
                "attempts": .integer(Int64(deliveries.attempts)),
                "delivered": .integer(Int64(deliveries.delivered)),
                "abandoned": .integer(Int64(deliveries.abandoned)), "pending": .integer(Int64(deliveries.pending)),
            ],
            "charges": .object(charges.mapValues(Self.rendered)),
        ]
    }

    private static func rendered(_ charge: Charge) -> JSONValue {
        [
            "payment_intents": .integer(Int64(charge.paymentIntents)),
            "charges_succeeded": .integer(Int64(charge.chargesSucceeded)),
            "charges_failed": .integer(Int64(charge.chargesFailed)), "refunds": .integer(Int64(charge.refunds)),
            "captured_amount": .integer(charge.capturedMinor), "refunded_amount": .integer(charge.refundedMinor),
            "deliveries": .integer(Int64(charge.deliveries)),
        ]
    }
}
