extension RefundStatus {
    /// The decision table for outcomes of a refund, evidence being consistent.
    ///
    /// - Parameter isKnownToProvider: the provider has already confirmed that it has the refund.
    func decision(on outcome: OutcomeKind, isKnownToProvider: Bool) -> OutcomeDecision {
        switch self {
        case .pending:
            switch outcome {
            case .captured, .authorized, .declined, .canceled: return .record
            case .requiresAction, .pending, .requestRefused, .unknown: return isKnownToProvider ? .ignore : .record
            }
        case .unknown:
            switch outcome {
            case .captured, .authorized, .requiresAction, .pending, .declined, .canceled: return .record
            // The request whose outcome is unknown came earlier and may have sent the money back: releasing the
            // reservation because a later one was turned away could refund twice.
            case .requestRefused, .unknown: return .ignore
            }
        case .succeeded:
            switch outcome {
            // Banks do return refunds that were reported as executed.
            case .declined, .canceled: return .quarantine(.failureAfterSuccess)
            case .captured, .authorized, .requiresAction, .pending, .requestRefused, .unknown: return .ignore
            }
        case .failed:
            switch outcome {
            case .captured, .authorized: return .quarantine(.successAfterFailure)
            case .requiresAction, .pending, .declined, .canceled, .requestRefused, .unknown: return .ignore
            }
        }
    }
}
