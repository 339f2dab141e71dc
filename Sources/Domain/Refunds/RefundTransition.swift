/// What an event does to a refund's status.
enum RefundTransition: String, CaseIterable {
    case confirmPending
    case succeed
    case fail
    case loseOutcome
}

extension RefundStatus {
    /// The state machine of a refund; nil when the event cannot have happened in this status.
    func next(after transition: RefundTransition) -> RefundStatus? {
        switch self {
        case .pending:
            switch transition {
            case .confirmPending: .pending
            case .succeed: .succeeded
            case .fail: .failed
            case .loseOutcome: .unknown
            }
        case .unknown:
            switch transition {
            case .confirmPending: .pending
            case .succeed: .succeeded
            case .fail: .failed
            case .loseOutcome: nil
            }
        case .succeeded, .failed:
            switch transition {
            case .confirmPending, .succeed, .fail, .loseOutcome: nil
            }
        }
    }
}
