/// What an event does to a charge's status.
enum ChargeTransition: String, CaseIterable {
    case start
    case confirmPending
    case requireAction
    case authorize
    case succeed
    case fail
    case cancel
    case loseOutcome
}

extension ChargeStatus {
    /// The state machine: the status that follows, or nil when the event cannot have happened in this one.
    ///
    /// Both switches are exhaustive on purpose: a new status or transition does not compile before its place here is
    /// decided.
    func next(after transition: ChargeTransition) -> ChargeStatus? {
        switch self {
        case .created:
            switch transition {
            case .start: .processing
            // Refused by the risk engine: no provider was asked.
            case .fail: .failed
            case .cancel: .canceled
            case .confirmPending, .requireAction, .authorize, .succeed, .loseOutcome: nil
            }
        case .processing:
            switch transition {
            case .confirmPending: .processing
            case .requireAction: .requiresAction
            case .authorize: .authorized
            case .succeed: .succeeded
            case .fail: .failed
            case .cancel: .canceled
            case .loseOutcome: .unknown
            case .start: nil
            }
        case .unknown:
            switch transition {
            case .confirmPending: .processing
            case .requireAction: .requiresAction
            case .authorize: .authorized
            case .succeed: .succeeded
            case .fail: .failed
            case .cancel: .canceled
            // A lost outcome starts no new attempt.
            case .start, .loseOutcome: nil
            }
        case .requiresAction:
            switch transition {
            case .authorize: .authorized
            case .succeed: .succeeded
            case .fail: .failed
            case .cancel: .canceled
            case .start, .confirmPending, .requireAction, .loseOutcome: nil
            }
        case .authorized:
            switch transition {
            case .succeed: .succeeded
            case .cancel: .canceled
            case .start, .confirmPending, .requireAction, .authorize, .fail, .loseOutcome: nil
            }
        case .succeeded, .failed, .canceled:
            switch transition {
            case .start, .confirmPending, .requireAction, .authorize, .succeed, .fail, .cancel, .loseOutcome: nil
            }
        }
    }
}
