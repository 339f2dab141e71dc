/// A merchant asked for a charge. The charge id is the stream's, the merchant the envelope's.
public struct ChargeInitiated: Sendable, Hashable, Codable {
    /// How much.
    public let amount: Money
    /// When the money is taken.
    public let captureMode: CaptureMode
    /// The provider's token for the payment method; never card data.
    public let paymentMethod: String
    /// What the charge is for, in the merchant's words.
    public let description: String?
    /// The merchant's own key-value pairs, passed through untouched.
    public let metadata: [String: String]
    /// Where the customer can be reached, if the merchant said so.
    public let customerEmail: String?

    /// Memberwise; each part is described on its property.
    public init(
        amount: Money,
        captureMode: CaptureMode,
        paymentMethod: String,
        description: String? = nil,
        metadata: [String: String] = [:],
        customerEmail: String? = nil
    ) {
        self.amount = amount
        self.captureMode = captureMode
        self.paymentMethod = paymentMethod
        self.description = description
        self.metadata = metadata
        self.customerEmail = customerEmail
    }

    private enum CodingKeys: String, CodingKey {
        case amount
        case captureMode = "capture_mode"
        case paymentMethod = "payment_method"
        case description
        case metadata
        case customerEmail = "customer_email"
    }
}

/// An attempt at a provider begins. Appended before the provider is asked, so that whatever happens after is known to
/// belong to this attempt and this key.
public struct ChargeProcessingStarted: Sendable, Hashable, Codable {
    /// The attempt this belongs to, counted from 1.
    public let attempt: Int
    /// Who moves the money.
    public let provider: Provider
    /// The key every request of this attempt carries.
    public let providerIdempotencyKey: String

    /// Memberwise; each part is described on its property.
    public init(attempt: Int, provider: Provider, providerIdempotencyKey: String) {
        self.attempt = attempt
        self.provider = provider
        self.providerIdempotencyKey = providerIdempotencyKey
    }

    private enum CodingKeys: String, CodingKey {
        case attempt
        case provider
        case providerIdempotencyKey = "provider_idempotency_key"
    }
}

/// The provider has the charge and will report its outcome later.
public struct ChargePending: Sendable, Hashable, Codable {
    /// The attempt this belongs to, counted from 1.
    public let attempt: Int
    /// The provider's name of the object.
    public let providerReference: String
    /// How we learned of it.
    public let evidence: EvidenceSource

    /// Memberwise; each part is described on its property.
    public init(attempt: Int, providerReference: String, evidence: EvidenceSource) {
        self.attempt = attempt
        self.providerReference = providerReference
        self.evidence = evidence
    }

    private enum CodingKeys: String, CodingKey {
        case attempt
        case providerReference = "provider_reference"
        case evidence
    }
}

/// The customer has to act at the provider or the issuer.
public struct ChargeRequiresAction: Sendable, Hashable, Codable {
    /// The attempt this belongs to, counted from 1.
    public let attempt: Int
    /// The provider's name of the object.
    public let providerReference: String
    /// Where the customer has to go, when the provider says so.
    public let redirectURL: String?
    /// How we learned of it.
    public let evidence: EvidenceSource

    /// Memberwise; each part is described on its property.
    public init(attempt: Int, providerReference: String, redirectURL: String? = nil, evidence: EvidenceSource) {
        self.attempt = attempt
        self.providerReference = providerReference
        self.redirectURL = redirectURL
        self.evidence = evidence
    }

    private enum CodingKeys: String, CodingKey {
        case attempt
        case providerReference = "provider_reference"
        case redirectURL = "redirect_url"
        case evidence
    }
}

/// The money is held, not taken. Posts nothing to the ledger.
public struct ChargeAuthorized: Sendable, Hashable, Codable {
    /// The attempt this belongs to, counted from 1.
    public let attempt: Int
    /// Who moves the money.
    public let provider: Provider
    /// The provider's name of the object.
    public let providerReference: String
    /// How much is held.
    public let authorized: Money
    /// How we learned of it.
    public let evidence: EvidenceSource

    /// Memberwise; each part is described on its property.
    public init(
        attempt: Int,
        provider: Provider,
        providerReference: String,
        authorized: Money,
        evidence: EvidenceSource
    ) {
        self.attempt = attempt
        self.provider = provider
        self.providerReference = providerReference
        self.authorized = authorized
        self.evidence = evidence
    }

    private enum CodingKeys: String, CodingKey {
        case attempt
        case provider
        case providerReference = "provider_reference"
        case authorized
        case evidence
    }
}

/// The money is taken.
public struct ChargeSucceeded: Sendable, Hashable, Codable {
    /// The attempt this belongs to, counted from 1.
    public let attempt: Int
    /// Who moves the money.
    public let provider: Provider
    /// The provider's name of the object.
    public let providerReference: String
    /// How much was taken.
    public let captured: Money
    /// How we learned of it.
    public let evidence: EvidenceSource

    /// Memberwise; each part is described on its property.
    public init(
        attempt: Int,
        provider: Provider,
        providerReference: String,
        captured: Money,
        evidence: EvidenceSource
    ) {
        self.attempt = attempt
        self.provider = provider
        self.providerReference = providerReference
        self.captured = captured
        self.evidence = evidence
    }

    private enum CodingKeys: String, CodingKey {
        case attempt
        case provider
        case providerReference = "provider_reference"
        case captured
        case evidence
    }
}

/// The charge is definitively refused.
public struct ChargeFailed: Sendable, Hashable, Codable {
    /// The refused attempt; 0 when no provider was asked.
    public let attempt: Int
    /// Why.
    public let failure: ChargeFailure
    /// Nil when no provider was asked.
    public let provider: Provider?
    /// The provider's name of the object, when it has one.
    public let providerReference: String?
    /// Nil when no provider was asked.
    public let evidence: EvidenceSource?

    /// Memberwise; each part is described on its property.
    public init(
        attempt: Int,
        failure: ChargeFailure,
        provider: Provider? = nil,
        providerReference: String? = nil,
        evidence: EvidenceSource? = nil
    ) {
        self.attempt = attempt
        self.failure = failure
        self.provider = provider
        self.providerReference = providerReference
        self.evidence = evidence
    }

    private enum CodingKeys: String, CodingKey {
        case attempt
        case failure
        case provider
        case providerReference = "provider_reference"
        case evidence
    }
}

/// The charge was given up before money was taken; a hold is released.
public struct ChargeCanceled: Sendable, Hashable, Codable {
    /// The attempt this belongs to, counted from 1.
    public let attempt: Int
    /// The provider's name of the object, when it has one.
    public let providerReference: String?
    /// Why it was given up, if somebody said so.
    public let reason: String?

    /// Memberwise; each part is described on its property.
    public init(attempt: Int, providerReference: String? = nil, reason: String? = nil) {
        self.attempt = attempt
        self.providerReference = providerReference
        self.reason = reason
    }

    private enum CodingKeys: String, CodingKey {
        case attempt
        case providerReference = "provider_reference"
        case reason
    }
}

/// The provider may or may not have executed the attempt.
public struct ChargeOutcomeUnknown: Sendable, Hashable, Codable {
    /// The attempt this belongs to, counted from 1.
    public let attempt: Int
    /// What was seen (a time-out, a broken connection), for the operator.
    public let detail: String

    /// Memberwise; each part is described on its property.
    public init(attempt: Int, detail: String) {
        self.attempt = attempt
        self.detail = detail
    }

    private enum CodingKeys: String, CodingKey {
        case attempt
        case detail
    }
}
