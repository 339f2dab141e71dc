extension ChargeRules {
    /// Accepts a refund by reserving its amount. Two refunds that do not fit together cannot both pass: the second one
    /// is decided on a state that holds the first one's reservation, or its append is refused by the stream's version.
    ///
    /// A quarantined charge takes no new refunds: what there is to give back is the very thing that is in doubt.
    static func decideRefund(_ charge: Charge, _ request: InitiateRefund) throws(DomainError) -> [ChargeEvent] {
        if let existing = charge.refund(request.refundID) {
            guard request.amount == nil || request.amount == existing.amount else {
                throw .refundConflict(request.refundID)
            }
            return []
        }
        guard charge.status == .succeeded, let provider = charge.provider, let reference = charge.providerReference
        else {
            throw .refundNotAllowed(status: charge.status)
        }
        guard !charge.quarantined else { throw .chargeQuarantined }
        let amount = try refundAmount(charge, request)
        return [
            .refundInitiated(
                RefundInitiated(
                    refundID: request.refundID,
                    amount: amount,
                    provider: provider,
                    chargeProviderReference: reference,
                    reason: request.reason
                ))
        ]
    }

    private static func refundAmount(_ charge: Charge, _ request: InitiateRefund) throws(DomainError) -> Money {
        let remaining = charge.refundable
        guard let amount = request.amount else {
            guard remaining.amountMinor > 0 else {
                let captured = Money(amountMinor: charge.capturedMinor, currency: charge.currency)
                throw .refundExceedsRemaining(requested: captured, remaining: remaining)
            }
            return remaining
        }
        guard amount.currency == charge.currency else {
            throw .currencyMismatch(expected: charge.currency, received: amount.currency)
        }
        guard amount.amountMinor > 0 else { throw .amountNotPositive(amount) }
        guard amount.amountMinor <= remaining.amountMinor else {
            throw .refundExceedsRemaining(requested: amount, remaining: remaining)
        }
        return amount
    }

    /// What a provider's word about a refund leads to.
    static func decideRefundOutcome(
        _ charge: Charge,
        _ refundID: RefundID,
        _ outcome: GatewayOutcome,
        evidence: EvidenceSource
    ) throws(DomainError) -> [ChargeEvent] {
        guard let refund = charge.refund(refundID) else { throw .refundNotFound(refundID) }
        guard let provider = charge.provider else {
            throw .corruptStream(detail: "refund \(refundID) belongs to a charge without a provider")
        }
        let finding = OutcomeFinding(
            outcome: outcome, attempt: charge.attempt, refundID: refundID, evidence: evidence)
        if let contradiction = finding.contradiction(expected: refund.amount, reference: refund.providerReference) {
            return quarantine(charge, contradiction)
        }
        let isKnownToProvider = refund.providerReference != nil
        switch refund.status.decision(on: OutcomeKind(outcome), isKnownToProvider: isKnownToProvider) {
        case .record:
            return [event(outcome, refund, provider, evidence)]
        case .ignore:
            return []
        case .quarantine(let reason):
            let detail = "the refund is \(refund.status.rawValue), the provider reports \(finding.summary)"
            return quarantine(charge, finding.quarantined(reason, detail: detail))
        }
    }

    private static func event(
        _ outcome: GatewayOutcome,
        _ refund: Refund,
        _ provider: Provider,
        _ evidence: EvidenceSource
    ) -> ChargeEvent {
        switch outcome {
        case .succeeded(let proof):
            .refundSucceeded(
                RefundSucceeded(
                    refundID: refund.id, provider: provider, providerReference: proof.reference,
                    amount: refund.amount, evidence: evidence))
        // A refund for which the customer has to act (bank details) is one whose outcome the provider reports later.
        case .pending(let reference), .requiresAction(let reference, _):
            .refundPending(RefundPending(refundID: refund.id, providerReference: reference, evidence: evidence))
        case .declined(let decline):
            .refundFailed(
                RefundFailed(
                    refundID: refund.id, provider: provider, amount: refund.amount,
                    failure: ChargeFailure(decline), providerReference: decline.reference, evidence: evidence))
        case .unknown(let detail):
            .refundOutcomeUnknown(RefundOutcomeUnknown(refundID: refund.id, detail: detail))
        }
    }
}
