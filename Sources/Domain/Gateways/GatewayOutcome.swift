/// What a provider did with a request, reduced to the five things that matter to a payment.
public enum GatewayOutcome: Sendable, Equatable {
    /// Done: the money is taken or held, or the refund is executed.
    case succeeded(GatewayEvidence)
    /// The customer has to act; `redirectURL` is where, when the provider says so.
    case requiresAction(reference: String, redirectURL: String?)
    /// The provider has accepted the request and will report the outcome later.
    case pending(reference: String)
    /// Not done, and this request will not do it later; `GatewayDecline.reach` says what that settles.
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

/// The provider's refusal of something: how much it settles is told by `reach`.
public struct GatewayDecline: Sendable, Hashable {
    /// How far a refusal reaches.
    public enum Reach: Sendable, Hashable, CaseIterable {
        /// Only this request, which was turned away before anything was executed (a wrong parameter, an object that is
        /// not there). It says nothing about an earlier request under the same key, because such an answer is not the
        /// one the provider keeps for the key: while an earlier request's outcome is unknown, it stays so (D-02).
        case request
        /// The attempt: it was executed and refused, and every request under its key gets this same answer.
        case attempt
        /// The provider's object: it was given up, whatever state it had reached before, a hold included.
        case cancellation
    }

    /// Stable machine-readable reason, the provider's error code as a rule (`card_declined`).
    public let reason: String
    /// The issuer's finer reason (`insufficient_funds`). An open set.
    public let declineCode: String?
    /// One sentence for people.
    public let message: String
    /// The provider's name of the refused object, when one exists.
    public let reference: String?
    /// How much is settled by the refusal.
    public let reach: Reach

    /// Memberwise; each part is described on its property.
    public init(
        reason: String, declineCode: String? = nil, message: String, reference: String? = nil, reach: Reach = .attempt
    ) {
        self.reason = reason
        self.declineCode = declineCode
        self.message = message
        self.reference = reference
        self.reach = reach
    }
}
