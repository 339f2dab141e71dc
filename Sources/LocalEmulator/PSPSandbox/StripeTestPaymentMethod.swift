/// One of Stripe's ready-made test payment methods, and what becomes of a payment with it.
struct StripeTestPaymentMethod: Sendable, Equatable {
    /// What happens at confirmation.
    enum Behaviour: Sendable, Equatable {
        /// The issuer approves.
        case approves
        /// The issuer refuses with an error code, a decline code and a message.
        case declines(code: String, declineCode: String, message: String)
        /// The issuer asks for the customer.
        case requiresAuthentication
        /// The issuer approves, the webhooks go out, and the first answer never reaches the caller.
        case approvesButAnswerIsLost
    }

    let id: String
    let brand: String
    let lastFour: String
    let behaviour: Behaviour

    /// The payment method of an identifier; `nil` when the account has none of it.
    static func named(_ id: String) -> StripeTestPaymentMethod? {
        table[id]
    }

    private init(_ id: String, _ brand: String, _ lastFour: String, _ behaviour: Behaviour = .approves) {
        self.id = id
        self.brand = brand
        self.lastFour = lastFour
        self.behaviour = behaviour
    }

    private static func declined(
        _ id: String, _ lastFour: String, _ declineCode: String, code: String = "card_declined",
        message: String = "Your card was declined."
    ) -> StripeTestPaymentMethod {
        .init(id, "visa", lastFour, .declines(code: code, declineCode: declineCode, message: message))
    }

    /// Names and last four digits from docs.stripe.com/testing; the last entry is this sandbox's own fault.
    private static let all: [StripeTestPaymentMethod] = [
        .init("pm_card_visa", "visa", "4242"),
        .init("pm_card_visa_debit", "visa", "5556"),
        .init("pm_card_mastercard", "mastercard", "4444"),
        .init("pm_card_amex", "amex", "8431"),
        declined("pm_card_chargeDeclined", "0002", "generic_decline"),
        declined("pm_card_visa_chargeDeclined", "0002", "generic_decline"),
        declined(
            "pm_card_chargeDeclinedInsufficientFunds", "9995", "insufficient_funds",
            message: "Your card has insufficient funds."),
        declined(
            "pm_card_visa_chargeDeclinedInsufficientFunds", "9995", "insufficient_funds",
            message: "Your card has insufficient funds."),
        declined("pm_card_visa_chargeDeclinedLostCard", "9987", "lost_card"),
        declined("pm_card_visa_chargeDeclinedStolenCard", "9979", "stolen_card"),
        declined(
            "pm_card_chargeDeclinedExpiredCard", "0069", "expired_card", code: "expired_card",
            message: "Your card has expired."),
        declined(
            "pm_card_chargeDeclinedIncorrectCvc", "0127", "incorrect_cvc", code: "incorrect_cvc",
            message: "Your card's security code is incorrect."),
        declined(
            "pm_card_chargeDeclinedProcessingError", "0119", "processing_error", code: "processing_error",
            message: "An error occurred while processing your card. Try again in a little bit."),
        .init("pm_card_authenticationRequired", "visa", "3184", .requiresAuthentication),
        .init("pm_card_threeDSecure2Required", "visa", "3220", .requiresAuthentication),
        .init("pm_card_visa_answerLost", "visa", "4242", .approvesButAnswerIsLost),
    ]

    private static let table = Dictionary(all.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })

    /// The payment method as the API shows it inside errors and expansions.
    func rendered(createdSeconds: Int64) -> JSONValue {
        [
            "id": .string(id), "object": "payment_method", "type": "card", "created": .integer(createdSeconds),
            "livemode": false, "customer": .null, "metadata": [:], "card": card,
            "billing_details": StripeTestPaymentMethod.emptyBillingDetails,
        ]
    }

    /// The card's public face. Expiry and fingerprint are fixed: nothing here stands for a real card.
    var card: JSONValue {
        [
            "brand": .string(brand), "last4": .string(lastFour), "exp_month": 12, "exp_year": 2040, "country": "US",
            "funding": id == "pm_card_visa_debit" ? "debit" : "credit", "fingerprint": .string("sandbox\(lastFour)"),
            "network": .string(brand), "wallet": .null, "three_d_secure": .null,
            "checks": ["address_line1_check": .null, "address_postal_code_check": .null, "cvc_check": "pass"],
        ]
    }

    /// Billing details nobody gave.
    static let emptyBillingDetails: JSONValue = [
        "email": .null, "name": .null, "phone": .null,
        "address": [
            "city": .null, "country": .null, "line1": .null, "line2": .null, "postal_code": .null, "state": .null,
        ],
    ]
}
