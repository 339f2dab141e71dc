extension ChargeStatus {
    /// The decision table for outcomes of a charge's present attempt, evidence being consistent.
    ///
    /// Statuses are ranked CREATED < PROCESSING, UNKNOWN < REQUIRES_ACTION < AUTHORIZED < terminal, and evidence never
    /// moves a charge back, so any order and any number of deliveries end in one state. A loss of knowledge
    /// (`.unknown`) counts only while nothing is known.
    ///
    /// - Parameter isKnownToProvider: the provider has already confirmed that the attempt reached it.
    /// - Returns: nil when there cannot be an outcome because no provider was asked yet.
    func decision(on outcome: OutcomeKind, isKnownToProvider: Bool) -> OutcomeDecision? {
        switch self {
        case .created:
            return nil
        case .processing:
            switch outcome {
            case .captured, .authorized, .requiresAction, .declined: return .record
            case .pending, .unknown: return isKnownToProvider ? .ignore : .record
            }
        case .unknown:
            switch outcome {
            case .captured, .authorized, .requiresAction, .pending, .declined: return .record
            case .unknown: return .ignore
            }
        case .requiresAction:
            switch outcome {
            case .captured, .authorized, .declined: return .record
            case .requiresAction, .pending, .unknown: return .ignore
            }
        case .authorized:
            switch outcome {
            case .captured: return .record
            // A refusal that arrives after the hold is older than the hold: providers promise no order.
            case .authorized, .requiresAction, .pending, .declined, .unknown: return .ignore
            }
        case .succeeded:
            // Money taken stays taken; whatever else arrives is a duplicate or older.
            switch outcome {
            case .captured, .authorized, .requiresAction, .pending, .declined, .unknown: return .ignore
            }
        case .failed, .canceled:
            switch outcome {
            // Money moved although the attempt was over: booking it would be guessing, dropping it would lose it.
            case .captured, .authorized: return .quarantine(.successAfterFailure)
            case .requiresAction, .pending, .declined, .unknown: return .ignore
            }
        }
    }
}
