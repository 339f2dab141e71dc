extension ChargeRules {
    /// What a provider's word about a charge leads to. Money is believed only when the amount, the currency and the
    /// object are the ones that were asked for.
    static func decideChargeOutcome(
        _ charge: Charge,
        _ outcome: GatewayOutcome,
        attempt: Int,
        evidence: EvidenceSource
    ) throws(DomainError) -> [ChargeEvent] {
        guard attempt == charge.attempt else {
            throw .attemptMismatch(current: charge.attempt, reported: attempt)
        }
        let finding = OutcomeFinding(outcome: outcome, attempt: attempt, refundID: nil, evidence: evidence)
        if let contradiction = finding.contradiction(expected: charge.amount, reference: charge.providerReference) {
            return quarantine(charge, contradiction)
        }
        let isKnownToProvider = charge.providerReference != nil
        switch charge.status.decision(on: OutcomeKind(outcome), isKnownToProvider: isKnownToProvider) {
        case .record:
            guard let provider = charge.provider else {
                throw .corruptStream(detail: "attempt \(attempt) has no provider")
            }
            return [event(outcome, attempt: attempt, provider: provider, evidence: evidence)]
        case .ignore:
            return []
        case .quarantine(let reason):
            let detail = "the charge is \(charge.status.rawValue), the provider reports \(finding.summary)"
            return quarantine(charge, finding.quarantined(reason, detail: detail))
        case nil:
            let command = ChargeCommand.recordChargeOutcome(outcome, attempt: attempt, evidence: evidence)
            throw .illegalTransition(from: charge.status, command: command.name)
        }
    }

    /// The same contradiction is recorded once, however often and by whichever way it is reported.
    static func quarantine(_ charge: Charge, _ contradiction: ChargeQuarantined) -> [ChargeEvent] {
        guard !charge.quarantines.contains(where: { $0.isSameContradiction(as: contradiction) }) else { return [] }
        return [.chargeQuarantined(contradiction)]
    }

    private static func event(
        _ outcome: GatewayOutcome,
        attempt: Int,
        provider: Provider,
        evidence: EvidenceSource
    ) -> ChargeEvent {
        switch outcome {
        case .succeeded(let proof) where proof.isCaptured:
            .chargeSucceeded(
                ChargeSucceeded(
                    attempt: attempt, provider: provider, providerReference: proof.reference,
                    captured: proof.amount, evidence: evidence))
        case .succeeded(let proof):
            .chargeAuthorized(
                ChargeAuthorized(
                    attempt: attempt, provider: provider, providerReference: proof.reference,
                    authorized: proof.amount, evidence: evidence))
        case .requiresAction(let reference, let redirectURL):
            .chargeRequiresAction(
                ChargeRequiresAction(
                    attempt: attempt, providerReference: reference, redirectURL: redirectURL, evidence: evidence))
        case .pending(let reference):
            .chargePending(ChargePending(attempt: attempt, providerReference: reference, evidence: evidence))
        case .declined(let decline):
            .chargeFailed(
                ChargeFailed(
                    attempt: attempt, failure: ChargeFailure(decline), provider: provider,
                    providerReference: decline.reference, evidence: evidence))
        case .unknown(let detail):
            .chargeOutcomeUnknown(ChargeOutcomeUnknown(attempt: attempt, detail: detail))
        }
    }
}
