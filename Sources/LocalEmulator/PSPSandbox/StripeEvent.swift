import Foundation

/// A Stripe event: what happened to which object because of which request.
struct StripeEvent: StripeObject {
    let id: String
    let created: Int64
    /// For example `payment_intent.succeeded`.
    let type: String
    /// The object as it was right after.
    let object: JSONValue
    /// The fields an update changed, as they were before.
    let previousAttributes: JSONValue?
    /// The request that caused it and its idempotency key.
    let requestID: String?
    let idempotencyKey: String?
    /// The payment intent whose events are delivered in order.
    let paymentIntent: String
    /// The merchant's own charge id from the metadata, for counting.
    let chargeReference: String?

    /// The API version of the account: the shape of the objects in events.
    static let apiVersion = "2023-10-16"

    var rendered: JSONValue {
        var data: [String: JSONValue] = ["object": object]
        data["previous_attributes"] = previousAttributes
        return [
            "id": .string(id), "object": "event", "api_version": .string(Self.apiVersion),
            "created": .integer(created), "data": .object(data), "livemode": false, "pending_webhooks": 1,
            "request": ["id": .optional(requestID), "idempotency_key": .optional(idempotencyKey)],
            "type": .string(type),
        ]
    }
}
