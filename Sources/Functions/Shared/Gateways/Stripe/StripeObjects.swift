import Domain
import FoundationEssentials

/// The fields of a PaymentIntent that decide an outcome. Everything else is ignored, and enumerations stay text, so
/// that a value Stripe adds tomorrow does not break the reading of today's.
struct StripePaymentIntent: Sendable, Equatable {
    let id: String
    /// `requires_payment_method`, `requires_confirmation`, `requires_action`, `processing`, `requires_capture`,
    /// `canceled`, `succeeded`, or something newer.
    let status: String
    /// In Stripe's units of `currency`.
    let amount: Int64
    /// Received so far, in Stripe's units; the evidence for a success.
    let amountReceived: Int64?
    /// Authorised and not captured, in Stripe's units; the evidence for an authorisation.
    let amountCapturable: Int64?
    /// Three lower-case letters.
    let currency: String
    let metadata: [String: String]
    let lastPaymentError: StripeError?
    /// Where the customer has to go, when the status is `requires_action` by redirect.
    let redirectURL: String?
    let cancellationReason: String?

    /// - Returns: `nil` when the document lacks what every PaymentIntent has.
    init?(_ document: JSON) {
        guard document["object"]?.text == "payment_intent", let id = document["id"]?.text,
            let status = document["status"]?.text, let amount = document["amount"]?.integerValue,
            let currency = document["currency"]?.text
        else { return nil }
        self.id = id
        self.status = status
        self.amount = amount
        self.currency = currency
        amountReceived = document["amount_received"]?.integerValue
        amountCapturable = document["amount_capturable"]?.integerValue
        metadata = StripeMetadata.read(document["metadata"])
        lastPaymentError = document["last_payment_error"].flatMap(StripeError.init)
        redirectURL = document["next_action"]?["redirect_to_url"]?["url"]?.text
        cancellationReason = document["cancellation_reason"]?.text
    }
}

/// The fields of a Refund that decide an outcome.
struct StripeRefund: Sendable, Equatable {
    let id: String
    /// `pending`, `requires_action`, `succeeded`, `failed`, `canceled`, or something newer; absent on very old objects.
    let status: String
    /// In Stripe's units of `currency`.
    let amount: Int64
    let currency: String
    let metadata: [String: String]
    let failureReason: String?

    /// - Returns: `nil` when the document lacks what every Refund has.
    init?(_ document: JSON) {
        guard document["object"]?.text == "refund", let id = document["id"]?.text,
            let status = document["status"]?.text, let amount = document["amount"]?.integerValue,
            let currency = document["currency"]?.text
        else { return nil }
        self.id = id
        self.status = status
        self.amount = amount
        self.currency = currency
        metadata = StripeMetadata.read(document["metadata"])
        failureReason = document["failure_reason"]?.text
    }
}

/// The members of Stripe's error envelope that decide an outcome; null members are omitted by Stripe.
struct StripeError: Sendable, Equatable {
    /// `api_error`, `card_error`, `idempotency_error`, `invalid_request_error`, or something newer.
    let type: String?
    let code: String?
    let declineCode: String?
    let message: String?
    /// The parameter that is wrong.
    let parameter: String?
    /// The PaymentIntent the error is about, when the PSP made one.
    let paymentIntentID: String?

    /// Reads the object under `error`, or a `last_payment_error`.
    init?(_ document: JSON) {
        guard document.members != nil else { return nil }
        type = document["type"]?.text
        code = document["code"]?.text
        declineCode = document["decline_code"]?.text
        message = document["message"]?.text
        parameter = document["param"]?.text
        paymentIntentID = document["payment_intent"]?["id"]?.text
    }
}

/// The metadata we put on Stripe's objects and find again in its webhooks.
enum StripeMetadata {
    static let chargeID = "charge_id"
    static let merchantID = "merchant_id"
    static let refundID = "refund_id"

    static func read(_ document: JSON?) -> [String: String] {
        (document?.members ?? [:]).compactMapValues(\.text)
    }
}
