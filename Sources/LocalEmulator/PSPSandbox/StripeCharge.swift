/// A Charge: one attempt to move the money of a payment intent.
struct StripeCharge: StripeObject {
    /// Whether and why the issuer refused.
    struct Failure: Sendable, Equatable {
        let code: String
        let declineCode: String
        let message: String
    }

    let id: String
    let created: Int64
    let amount: Int64
    let currency: StripeCurrency
    let paymentIntent: String
    let paymentMethod: StripeTestPaymentMethod
    let metadata: [String: String]
    let description: String?
    let customer: String?
    let receiptEmail: String?
    let failure: Failure?
    var isCaptured = false
    var amountCaptured: Int64 = 0
    var amountRefunded: Int64 = 0
    var balanceTransaction: String?

    /// What may still be refunded.
    var refundableAmount: Int64 { amountCaptured - amountRefunded }

    var rendered: JSONValue {
        .object(identity.merging(outcomeFields) { first, _ in first })
    }

    private var identity: [String: JSONValue] {
        [
            "id": .string(id), "object": "charge", "created": .integer(created), "livemode": false,
            "amount": .integer(amount), "amount_captured": .integer(amountCaptured),
            "amount_refunded": .integer(amountRefunded), "currency": .string(currency.code),
            "payment_intent": .string(paymentIntent), "payment_method": .string(paymentMethod.id),
            "payment_method_details": ["type": "card", "card": paymentMethod.card],
            "billing_details": StripeTestPaymentMethod.emptyBillingDetails,
            "balance_transaction": .optional(balanceTransaction), "metadata": .strings(metadata),
            "description": .optional(description), "customer": .optional(customer),
            "receipt_email": .optional(receiptEmail), "receipt_number": .null, "receipt_url": .null,
            "application": .null, "application_fee": .null, "application_fee_amount": .null,
            "calculated_statement_descriptor": .null, "on_behalf_of": .null, "review": .null, "shipping": .null,
            "source": .null, "source_transfer": .null, "statement_descriptor": .null,
            "statement_descriptor_suffix": .null, "transfer_data": .null, "transfer_group": .null,
            "disputed": false, "fraud_details": [:],
        ]
    }

    private var outcomeFields: [String: JSONValue] {
        [
            "status": failure == nil ? "succeeded" : "failed", "paid": .bool(failure == nil),
            "captured": .bool(isCaptured), "refunded": .bool(amountCaptured > 0 && refundableAmount == 0),
            "failure_code": .optional(failure?.code), "failure_message": .optional(failure?.message),
            "failure_balance_transaction": .null,
            "outcome": [
                "network_status": failure == nil ? "approved_by_network" : "declined_by_network",
                "reason": .optional(failure?.declineCode), "risk_level": "normal", "risk_score": 10,
                "seller_message": failure == nil
                    ? "Payment complete." : "The bank did not return any further details with this decline.",
                "type": failure == nil ? "authorized" : "issuer_declined",
            ],
        ]
    }
}
