extension ChargeStatus {
    /// The decision table for outcomes of a charge's present attempt, evidence being consistent.
    ///
    /// Statuses are ranked CREATED < PROCESSING, UNKNOWN < REQUIRES_ACTION < AUTHORIZED < terminal, and evidence never
    /// moves a charge back, so any order and any number of deliveries end in one state. A loss of knowledge
    /// (`.unknown`) counts only while nothing is known. A request that was turned away (`.requestRefused`) counts only
    /// while no earlier request under the same key can have been executed.
    ///
    /// - Parameter isKnownToProvider: the provider has already confirmed that the attempt reached it.
    /// - Returns: nil when there cannot be an outcome because no provider was asked yet.
    func decision(on outcome: OutcomeKind, isKnownToProvider: Bool) -> OutcomeDecision? {
        switch self {
        case .created:
            return nil
        case .processing:
            switch outcome {
            case .captured, .authorized, .requiresAction, .declined, .canceled: return .record
            case .pending, .requestRefused, .unknown: return isKnownToProvider ? .ignore : .record
            }
        case .unknown:
            switch outcome {
            case .captured, .authorized, .requiresAction, .pending, .declined, .canceled: return .record
            // The request whose outcome is unknown came earlier; that a later one was turned away does not undo it.
            case .requestRefused, .unknown: return .ignore
            }
        case .requiresAction:
            switch outcome {
            case .captured, .authorized, .declined, .canceled: return .record
            case .requiresAction, .pending, .requestRefused, .unknown: return .ignore
            }
        case .authorized:
            switch outcome {
            case .captured: return .record
            // Nothing here gives up a hold yet, so somebody else did: the money is no longer there to be taken.
            case .canceled: return .quarantine(.holdCanceled)
            // A hold is not refused afterwards, only canceled: this refusal is an earlier one of the same object, and
            // providers promise no order.
            case .authorized, .requiresAction, .pending, .declined, .requestRefused, .unknown: return .ignore
            }
        case .succeeded:
            // Money taken stays taken; whatever else arrives is a duplicate or older.
            switch outcome {
            case .captured, .authorized, .requiresAction, .pending, .declined, .canceled, .requestRefused, .unknown:
                return .ignore
            }
        case .failed, .canceled:
            switch outcome {
            // Money moved although the attempt was over: booking it would be guessing, dropping it would lose it.
            case .captured, .authorized: return .quarantine(.successAfterFailure)
            case .requiresAction, .pending, .declined, .canceled, .requestRefused, .unknown: return .ignore
            }
        }
    }
}
