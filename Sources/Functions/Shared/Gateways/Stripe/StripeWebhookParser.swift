import Domain
import FoundationEssentials

/// A webhook that is genuine but cannot be read.
public struct StripeWebhookParseError: Error, Sendable, Equatable {
    /// What is missing; never the payload's content.
    public let detail: String
}

/// Reads what a verified Stripe event says about a charge or a refund of ours.
///
/// Which object an event is about is told by the metadata that our requests put on it, so an event can be understood
/// before the answer to the request that caused it arrived (D-03). What it says is taken from the *state* of the object
/// inside, by the same table that reads responses: so an event says the same however late it comes (D-04).
public enum StripeWebhookParser {
    private static let intentPrefix = "payment_intent."
    private static let refundTypes: Set<String> = [
        "refund.created", "refund.updated", "refund.failed", "charge.refund.updated",
    ]

    /// - Parameter body: the verified bytes.
    public static func parse(_ body: Data) throws(StripeWebhookParseError) -> ProviderNotification {
        guard let document = JSON(parsing: body) else { throw StripeWebhookParseError(detail: "not JSON") }
        guard document["object"]?.text == "event", let id = document["id"]?.text, let type = document["type"]?.text
        else { throw StripeWebhookParseError(detail: "not an event with id and type") }
        let createdAt = document["created"]?.integerValue.map { Date(timeIntervalSince1970: Double($0)) }
        return ProviderNotification(
            eventID: id, type: type, createdAt: createdAt, subject: try subject(type, document["data"]?["object"]))
    }

    private static func subject(
        _ type: String, _ object: JSON?
    ) throws(StripeWebhookParseError) -> ProviderNotification.Subject {
        if type.hasPrefix(intentPrefix) {
            guard let intent = object.flatMap(StripePaymentIntent.init) else {
                throw StripeWebhookParseError(detail: "\(type) without a payment intent")
            }
            return chargeSubject(intent)
        }
        if refundTypes.contains(type) {
            guard let refund = object.flatMap(StripeRefund.init) else {
                throw StripeWebhookParseError(detail: "\(type) without a refund")
            }
            return refundSubject(refund)
        }
        return .ignored(reason: "events of type \(type) say nothing that payment intents and refunds do not say")
    }

    private static func chargeSubject(_ intent: StripePaymentIntent) -> ProviderNotification.Subject {
        guard let chargeID = intent.metadata[StripeMetadata.chargeID] else {
            return .ignored(reason: "the payment intent is not ours: it has no charge_id")
        }
        let outcome = StripeOutcomes.outcome(of: intent)
        if case .unknown(let detail) = outcome { return saysNothing(detail) }
        return .charge(ChargeID(rawValue: chargeID), outcome)
    }

    private static func refundSubject(_ refund: StripeRefund) -> ProviderNotification.Subject {
        guard let chargeID = refund.metadata[StripeMetadata.chargeID],
            let refundID = refund.metadata[StripeMetadata.refundID]
        else { return .ignored(reason: "the refund is not ours: it has no charge_id and refund_id") }
        let outcome = StripeOutcomes.outcome(of: refund)
        if case .unknown(let detail) = outcome { return saysNothing(detail) }
        return .refund(ChargeID(rawValue: chargeID), RefundID(rawValue: refundID), outcome)
    }

    /// A state that establishes nothing must not undo what is known: not knowing is an answer to our own requests only.
    private static func saysNothing(_ detail: String) -> ProviderNotification.Subject {
        .ignored(reason: "establishes no outcome: \(detail)")
    }
}
