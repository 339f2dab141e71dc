/// A Refund of a captured charge. In this sandbox a refund succeeds at once.
struct StripeRefund: StripeObject {
    let id: String
    let created: Int64
    let amount: Int64
    let currency: StripeCurrency
    let charge: String
    let paymentIntent: String
    let reason: String?
    let metadata: [String: String]
    let balanceTransaction: String
    /// Whether the card network has confirmed the refund's reference number.
    var hasReference = false

    /// `destination_details` of a card refund.
    var destination: JSONValue {
        let reference: JSONValue = ["reference_status": hasReference ? "available" : "pending", "type": "refund"]
        return ["type": "card", "card": reference]
    }

    var rendered: JSONValue {
        [
            "id": .string(id), "object": "refund", "created": .integer(created), "amount": .integer(amount),
            "currency": .string(currency.code), "charge": .string(charge), "payment_intent": .string(paymentIntent),
            "reason": .optional(reason), "metadata": .strings(metadata), "status": "succeeded",
            "balance_transaction": .string(balanceTransaction), "destination_details": destination,
            "receipt_number": .null, "source_transfer_reversal": .null, "transfer_reversal": .null,
        ]
    }
}
