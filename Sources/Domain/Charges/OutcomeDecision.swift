/// The outcomes of a request to a provider as far as the state machines tell them apart.
enum OutcomeKind: CaseIterable {
    case captured
    case authorized
    case requiresAction
    case pending
    case declined
    case canceled
    case requestRefused
    case unknown

    init(_ outcome: GatewayOutcome) {
        switch outcome {
        case .succeeded(let evidence): self = evidence.isCaptured ? .captured : .authorized
        case .requiresAction: self = .requiresAction
        case .pending: self = .pending
        case .declined(let decline): self.init(decline.reach)
        case .unknown: self = .unknown
        }
    }

    private init(_ reach: GatewayDecline.Reach) {
        switch reach {
        case .request: self = .requestRefused
        case .attempt: self = .declined
        case .cancellation: self = .canceled
        }
    }
}

/// What an outcome means for an object in a given state.
enum OutcomeDecision: Equatable {
    /// It is news: an event follows.
    case record
    /// It is known, or older than what is known.
    case ignore
    /// It contradicts what is known.
    case quarantine(QuarantineReason)
}
