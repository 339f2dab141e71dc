/// What a provider did with a request, reduced to the five things that matter to a payment.
public enum GatewayOutcome: Sendable, Equatable {
    /// Done: the money is taken or held, or the refund is executed.
    case succeeded(GatewayEvidence)
    /// The customer has to act; `redirectURL` is where, when the provider says so.
    case requiresAction(reference: String, redirectURL: String?)
    /// The provider has accepted the request and will report the outcome later.
    case pending(reference: String)
    /// Definitively not done, and it will not happen later.
    case declined(GatewayDecline)
    /// The request may or may not have been executed (time-out after sending, 5xx, broken connection).
    case unknown(detail: String)

    /// The provider's name of the object, when the outcome carries one.
    public var reference: String? {
        switch self {
        case .succeeded(let evidence): evidence.reference
        case .requiresAction(let reference, _): reference
        case .pending(let reference): reference
        case .declined(let decline): decline.reference
        case .unknown: nil
        }
    }
}

/// The provider's statement that money was moved or held. The amount is the provider's own, converted to ISO minor
/// units: it is compared with what was asked before anything is believed.
public struct GatewayEvidence: Sendable, Hashable {
    /// The provider's name of the object. One object must have the same reference in responses, webhooks and queries
    /// (for Stripe: the PaymentIntent id of a charge, the Refund id of a refund).
    public let reference: String
    /// What was moved or held.
    public let amount: Money
    /// False when a charge's money is only held. Meaningless for refunds.
    public let isCaptured: Bool

    /// Memberwise; each part is described on its property.
    public init(reference: String, amount: Money, isCaptured: Bool = true) {
        self.reference = reference
        self.amount = amount
        self.isCaptured = isCaptured
    }
}

/// The provider's definitive refusal.
public struct GatewayDecline: Sendable, Hashable {
    /// Stable machine-readable reason, the provider's error code as a rule (`card_declined`).
    public let reason: String
    /// The issuer's finer reason (`insufficient_funds`). An open set.
    public let declineCode: String?
    /// One sentence for people.
    public let message: String
    /// The provider's name of the refused object, when one exists.
    public let reference: String?

    /// Memberwise; each part is described on its property.
    public init(reason: String, declineCode: String? = nil, message: String, reference: String? = nil) {
        self.reason = reason
        self.declineCode = declineCode
        self.message = message
        self.reference = reference
    }
}
