/// The kinds of contradiction between a provider and us.
public enum QuarantineReason: String, Hashable, Codable, Sendable, CaseIterable {
    /// The provider moved another amount than was asked for.
    case amountMismatch = "amount_mismatch"
    /// The provider moved another currency than was asked for.
    case currencyMismatch = "currency_mismatch"
    /// The provider reports two objects for one attempt: the customer may have been charged twice.
    case conflictingReference = "conflicting_reference"
    /// Money moved after the provider had definitively refused, or after the charge was canceled.
    case successAfterFailure = "success_after_failure"
    /// A refund that was reported as executed is now reported as refused.
    case failureAfterSuccess = "failure_after_success"
    /// The provider gave up a hold that we did not give up.
    case holdCanceled = "hold_canceled"
}

/// What the provider says contradicts what we asked or already know. The charge keeps its status, no money is booked on
/// this evidence, and people have to look at it: whoever records it logs an error.
public struct ChargeQuarantined: Sendable, Hashable, Codable {
    /// The kind of contradiction.
    public let reason: QuarantineReason
    /// One sentence with both sides of the contradiction.
    public let detail: String
    /// The attempt the evidence was reported for.
    public let attempt: Int
    /// The refund the evidence is about; nil when it is about the charge.
    public let refundID: RefundID?
    /// The object the provider reported.
    public let providerReference: String?
    /// What the provider says it moved or held, if it said so.
    public let reported: Money?
    /// How we learned of it.
    public let evidence: EvidenceSource

    /// Memberwise; each part is described on its property.
    public init(
        reason: QuarantineReason,
        detail: String,
        attempt: Int,
        refundID: RefundID? = nil,
        providerReference: String? = nil,
        reported: Money? = nil,
        evidence: EvidenceSource
    ) {
        self.reason = reason
        self.detail = detail
        self.attempt = attempt
        self.refundID = refundID
        self.providerReference = providerReference
        self.reported = reported
        self.evidence = evidence
    }

    private enum CodingKeys: String, CodingKey {
        case reason
        case detail
        case attempt
        case refundID = "refund_id"
        case providerReference = "provider_reference"
        case reported
        case evidence
    }
}

extension ChargeQuarantined {
    /// Whether both report the same contradiction, whichever way each of them was learned.
    func isSameContradiction(as other: ChargeQuarantined) -> Bool {
        (reason, attempt, refundID, providerReference, reported)
            == (other.reason, other.attempt, other.refundID, other.providerReference, other.reported)
    }
}
