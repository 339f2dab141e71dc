/// What somebody wants to happen to a charge. `ChargeRules.decide` says what does happen.
public enum ChargeCommand: Sendable, Equatable {
    /// A merchant asks for a charge.
    case initiate(InitiateCharge)
    /// A worker is about to ask a provider.
    case startProcessing(Provider)
    /// A provider's answer, notification or state is known for an attempt.
    case recordChargeOutcome(GatewayOutcome, attempt: Int, evidence: EvidenceSource)
    /// A merchant asks for a refund.
    case initiateRefund(InitiateRefund)
    /// A provider's answer, notification or state is known for a refund.
    case recordRefundOutcome(RefundID, GatewayOutcome, evidence: EvidenceSource)

    /// The command's name in errors.
    public var name: String {
        switch self {
        case .initiate: "initiate"
        case .startProcessing: "start_processing"
        case .recordChargeOutcome: "record_charge_outcome"
        case .initiateRefund: "initiate_refund"
        case .recordRefundOutcome: "record_refund_outcome"
        }
    }
}

/// A merchant's request for a charge, after the risk engine has looked at it.
public struct InitiateCharge: Sendable, Equatable {
    /// More than zero.
    public let amount: Money
    /// The provider's token for the payment method; never card data.
    public let paymentMethod: String
    /// When the money is taken.
    public let captureMode: CaptureMode
    /// What the charge is for, in the merchant's words.
    public let description: String?
    /// The merchant's own key-value pairs, passed through untouched.
    public let metadata: [String: String]
    /// Where the customer can be reached, if the merchant said so.
    public let customerEmail: String?
    /// What the risk engine says.
    public let risk: RiskAssessment

    /// Memberwise; each part is described on its property.
    public init(
        amount: Money,
        paymentMethod: String,
        captureMode: CaptureMode = .automatic,
        description: String? = nil,
        metadata: [String: String] = [:],
        customerEmail: String? = nil,
        risk: RiskAssessment
    ) {
        self.amount = amount
        self.paymentMethod = paymentMethod
        self.captureMode = captureMode
        self.description = description
        self.metadata = metadata
        self.customerEmail = customerEmail
        self.risk = risk
    }
}

/// A merchant's request for a refund.
public struct InitiateRefund: Sendable, Equatable {
    /// The id the refund will have.
    public let refundID: RefundID
    /// More than zero; nil for everything that can still be refunded.
    public let amount: Money?
    /// The merchant's reason.
    public let reason: String?

    /// Memberwise; each part is described on its property.
    public init(refundID: RefundID, amount: Money? = nil, reason: String? = nil) {
        self.refundID = refundID
        self.amount = amount
        self.reason = reason
    }
}
