/// The rules of a charge and its refunds, as pure functions: what a command leads to, and what an event means.
///
/// Handlers load, decide, append and act; they hold no rules. Everything here gives the same answer for the same input,
/// in any process, at any time.
public enum ChargeRules {
    /// The events a command leads to.
    ///
    /// Empty when nothing new follows: the job is stale, the notification a duplicate, the request a repetition. That is
    /// success, not an error.
    ///
    /// - Parameter state: the charge, nil when its stream is empty.
    /// - Throws: `DomainError` when the command is refused.
    public static func decide(_ state: Charge?, _ command: ChargeCommand) throws(DomainError) -> [ChargeEvent] {
        switch command {
        case .initiate(let request):
            return try decideInitiation(state, request)
        case .startProcessing(let provider):
            guard let charge = state else { throw .chargeNotFound }
            return decideStart(charge, provider)
        case .recordChargeOutcome(let outcome, let attempt, let evidence):
            guard let charge = state else { throw .chargeNotFound }
            return try decideChargeOutcome(charge, outcome, attempt: attempt, evidence: evidence)
        case .initiateRefund(let request):
            guard let charge = state else { throw .chargeNotFound }
            return try decideRefund(charge, request)
        case .recordRefundOutcome(let refundID, let outcome, let evidence):
            guard let charge = state else { throw .chargeNotFound }
            return try decideRefundOutcome(charge, refundID, outcome, evidence: evidence)
        }
    }

    /// A repeated request with the ids of the first one is a resumption: nothing new happens.
    private static func decideInitiation(
        _ state: Charge?,
        _ request: InitiateCharge
    ) throws(DomainError) -> [ChargeEvent] {
        if let charge = state {
            guard charge.amount == request.amount, charge.paymentMethod == request.paymentMethod,
                charge.captureMode == request.captureMode
            else {
                throw .illegalTransition(from: charge.status, command: ChargeCommand.initiate(request).name)
            }
            return []
        }
        guard request.amount.amountMinor > 0 else { throw .amountNotPositive(request.amount) }
        let accepted: [ChargeEvent] = [
            .chargeInitiated(
                ChargeInitiated(
                    amount: request.amount,
                    captureMode: request.captureMode,
                    paymentMethod: request.paymentMethod,
                    description: request.description,
                    metadata: request.metadata,
                    customerEmail: request.customerEmail
                )),
            .riskAssessed(request.risk),
        ]
        switch request.risk.decision {
        case .approve, .review:
            return accepted
        case .decline:
            return accepted + [.chargeFailed(ChargeFailed(attempt: 0, failure: failure(of: request.risk)))]
        }
    }

    /// A refusal without an evaluation accuses nobody of fraud.
    private static func failure(of refusal: RiskAssessment) -> ChargeFailure {
        switch refusal.engine {
        case .evaluated: .fraudRisk
        case .unavailable: .riskUnavailable
        }
    }

    /// An attempt begins once. A job that finds it begun either resumes it (same attempt, same key) or is stale.
    private static func decideStart(_ charge: Charge, _ provider: Provider) -> [ChargeEvent] {
        switch charge.status {
        case .created:
            let attempt = charge.attempt + 1
            return [
                .chargeProcessingStarted(
                    ChargeProcessingStarted(
                        attempt: attempt,
                        provider: provider,
                        providerIdempotencyKey: ProviderIdempotencyKey.charge(charge.id, attempt: attempt)
                    ))
            ]
        case .processing, .unknown, .requiresAction, .authorized, .succeeded, .failed, .canceled:
            return []
        }
    }
}
