extension RefundStatus {
    /// The decision table for outcomes of a refund, evidence being consistent.
    ///
    /// - Parameter isKnownToProvider: the provider has already confirmed that it has the refund.
    func decision(on outcome: OutcomeKind, isKnownToProvider: Bool) -> OutcomeDecision {
        switch self {
        case .pending:
            switch outcome {
            case .captured, .authorized, .declined: return .record
            case .requiresAction, .pending, .unknown: return isKnownToProvider ? .ignore : .record
            }
        case .unknown:
            switch outcome {
            case .captured, .authorized, .requiresAction, .pending, .declined: return .record
            case .unknown: return .ignore
            }
        case .succeeded:
            switch outcome {
            // Banks do return refunds that were reported as executed.
            case .declined: return .quarantine(.failureAfterSuccess)
            case .captured, .authorized, .requiresAction, .pending, .unknown: return .ignore
            }
        case .failed:
            switch outcome {
            case .captured, .authorized: return .quarantine(.successAfterFailure)
            case .requiresAction, .pending, .declined, .unknown: return .ignore
            }
        }
    }
}
