/// A refund is accepted; its amount is reserved until the outcome is definitive.
public struct RefundInitiated: Sendable, Hashable, Codable {
    /// Our id of the refund.
    public let refundID: RefundID
    /// How much.
    public let amount: Money
    /// The provider that took the money and has to return it.
    public let provider: Provider
    /// The provider's name of the charge.
    public let chargeProviderReference: String
    /// The merchant's reason.
    public let reason: String?

    /// Memberwise; each part is described on its property.
    public init(
        refundID: RefundID,
        amount: Money,
        provider: Provider,
        chargeProviderReference: String,
        reason: String? = nil
    ) {
        self.refundID = refundID
        self.amount = amount
        self.provider = provider
        self.chargeProviderReference = chargeProviderReference
        self.reason = reason
    }

    private enum CodingKeys: String, CodingKey {
        case refundID = "refund_id"
        case amount
        case provider
        case chargeProviderReference = "charge_provider_reference"
        case reason
    }
}

/// The provider has the refund and will report its outcome later.
public struct RefundPending: Sendable, Hashable, Codable {
    /// Our id of the refund.
    public let refundID: RefundID
    /// The provider's name of the object.
    public let providerReference: String
    /// How we learned of it.
    public let evidence: EvidenceSource

    /// Memberwise; each part is described on its property.
    public init(refundID: RefundID, providerReference: String, evidence: EvidenceSource) {
        self.refundID = refundID
        self.providerReference = providerReference
        self.evidence = evidence
    }

    private enum CodingKeys: String, CodingKey {
        case refundID = "refund_id"
        case providerReference = "provider_reference"
        case evidence
    }
}

/// The money went back.
public struct RefundSucceeded: Sendable, Hashable, Codable {
    /// Our id of the refund.
    public let refundID: RefundID
    /// Who moves the money.
    public let provider: Provider
    /// The provider's name of the object.
    public let providerReference: String
    /// How much.
    public let amount: Money
    /// How we learned of it.
    public let evidence: EvidenceSource

    /// Memberwise; each part is described on its property.
    public init(
        refundID: RefundID,
        provider: Provider,
        providerReference: String,
        amount: Money,
        evidence: EvidenceSource
    ) {
        self.refundID = refundID
        self.provider = provider
        self.providerReference = providerReference
        self.amount = amount
        self.evidence = evidence
    }

    private enum CodingKeys: String, CodingKey {
        case refundID = "refund_id"
        case provider
        case providerReference = "provider_reference"
        case amount
        case evidence
    }
}

/// The refund is definitively refused; its amount is free again.
public struct RefundFailed: Sendable, Hashable, Codable {
    /// Our id of the refund.
    public let refundID: RefundID
    /// Who moves the money.
    public let provider: Provider
    /// The amount that was reserved.
    public let amount: Money
    /// Why.
    public let failure: ChargeFailure
    /// The provider's name of the object, when it has one.
    public let providerReference: String?
    /// How we learned of it.
    public let evidence: EvidenceSource

    /// Memberwise; each part is described on its property.
    public init(
        refundID: RefundID,
        provider: Provider,
        amount: Money,
        failure: ChargeFailure,
        providerReference: String? = nil,
        evidence: EvidenceSource
    ) {
        self.refundID = refundID
        self.provider = provider
        self.amount = amount
        self.failure = failure
        self.providerReference = providerReference
        self.evidence = evidence
    }

    private enum CodingKeys: String, CodingKey {
        case refundID = "refund_id"
        case provider
        case amount
        case failure
        case providerReference = "provider_reference"
        case evidence
    }
}

/// The provider may or may not have executed the refund. The amount stays reserved.
public struct RefundOutcomeUnknown: Sendable, Hashable, Codable {
    /// Our id of the refund.
    public let refundID: RefundID
    /// What was seen, for the operator.
    public let detail: String

    /// Memberwise; each part is described on its property.
    public init(refundID: RefundID, detail: String) {
        self.refundID = refundID
        self.detail = detail
    }

    private enum CodingKeys: String, CodingKey {
        case refundID = "refund_id"
        case detail
    }
}
