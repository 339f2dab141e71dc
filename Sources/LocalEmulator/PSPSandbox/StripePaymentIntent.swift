/// A PaymentIntent: one payment with all its attempts.
struct StripePaymentIntent: StripeObject {
    /// The statuses of docs.stripe.com/payments/paymentintents/lifecycle this sandbox reaches.
    enum Status: String, Sendable {
        case requiresPaymentMethod = "requires_payment_method"
        case requiresConfirmation = "requires_confirmation"
        case requiresAction = "requires_action"
        case requiresCapture = "requires_capture"
        case canceled
        case succeeded
    }

    let id: String
    let created: Int64
    let clientSecret: String
    /// In the currency's smallest unit as Stripe counts it.
    let amount: Int64
    let currency: StripeCurrency
    let metadata: [String: String]
    let description: String?
    let customer: String?
    let receiptEmail: String?
    let setupFutureUsage: String?
    let statementDescriptor: String?
    let statementDescriptorSuffix: String?
    let confirmationMethod: String
    let paymentMethodTypes: [String]
    /// Whether the dashboard's payment methods apply; `nil` when the caller listed types.
    let automaticPaymentMethods: AutomaticPaymentMethods?
    var captureMethod: String
    var status = Status.requiresPaymentMethod
    var paymentMethod: String?
    var returnURL: String?
    var amountCapturable: Int64 = 0
    var amountReceived: Int64 = 0
    var latestCharge: String?
    var lastPaymentError: JSONValue?
    var nextAction: JSONValue?
    var canceledAt: Int64?
    var cancellationReason: String?

    /// The parameter `automatic_payment_methods`.
    struct AutomaticPaymentMethods: Sendable, Equatable {
        /// Whether methods that send the customer away may be offered.
        let allowsRedirects: Bool
    }

    var rendered: JSONValue {
        .object(identity.merging(money) { first, _ in first }.merging(progress) { first, _ in first })
    }

    private var identity: [String: JSONValue] {
        [
            "id": .string(id), "object": "payment_intent", "created": .integer(created), "livemode": false,
            "client_secret": .string(clientSecret), "customer": .optional(customer),
            "description": .optional(description), "metadata": .strings(metadata),
            "receipt_email": .optional(receiptEmail), "setup_future_usage": .optional(setupFutureUsage),
            "statement_descriptor": .optional(statementDescriptor),
            "statement_descriptor_suffix": .optional(statementDescriptorSuffix),
            "application": .null, "on_behalf_of": .null, "review": .null, "shipping": .null, "source": .null,
            "transfer_data": .null, "transfer_group": .null,
        ]
    }

    private var money: [String: JSONValue] {
        [
            "amount": .integer(amount), "amount_capturable": .integer(amountCapturable),
            "amount_received": .integer(amountReceived), "amount_details": ["tip": [:]],
            "application_fee_amount": .null, "currency": .string(currency.code),
        ]
    }

    private var progress: [String: JSONValue] {
        [
            "status": .string(status.rawValue), "capture_method": .string(captureMethod),
            "confirmation_method": .string(confirmationMethod),
            "payment_method": .optional(paymentMethod), "payment_method_options": [:],
            "payment_method_types": .array(paymentMethodTypes.map(JSONValue.string)),
            "automatic_payment_methods": automaticPaymentMethods.map {
                ["enabled": true, "allow_redirects": $0.allowsRedirects ? "always" : "never"]
            } ?? .null,
            "latest_charge": .optional(latestCharge), "last_payment_error": lastPaymentError ?? .null,
            "next_action": nextAction ?? .null, "processing": .null,
            "canceled_at": canceledAt.map(JSONValue.integer) ?? .null,
            "cancellation_reason": .optional(cancellationReason),
        ]
    }
}

extension JSONValue {
    /// A text or `null`.
    static func optional(_ text: String?) -> JSONValue {
        text.map(JSONValue.string) ?? .null
    }

    /// An object of texts.
    static func strings(_ texts: [String: String]) -> JSONValue {
        .object(texts.mapValues(JSONValue.string))
    }
}
