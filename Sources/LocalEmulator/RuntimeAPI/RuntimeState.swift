/// The life of one function process as its Runtime API sees it.
///
/// The transitions and the names of the states are those of AWS's own runtime emulator (`core/states.go`): whatever is
/// not listed is refused, and a refused call changes nothing.
enum RuntimeState: Equatable {
    /// How a process answers an event.
    enum Reply: String {
        case response = "InvocationResponse"
        case error = "InvocationErrorResponse"
    }

    /// Started, has not asked for an event yet.
    case started
    /// Waits for an event in `next`.
    case ready
    /// An event was given to the environment but `next` has not fetched it yet.
    case assigned(requestID: String)
    /// Works on an event.
    case running(requestID: String)
    /// Answers; a response that was turned away for its mode header stays here.
    case replying(Reply)
    /// Has answered; is not done before it asks for the next event.
    case responseSent
    /// Reported that it could not start.
    case initError
    /// The process is gone.
    case exited

    /// What AWS calls the state in its refusals.
    var name: String {
        switch self {
        case .started: "Started"
        case .ready: "Ready"
        case .assigned, .running: "Running"
        case .replying(let reply): reply.rawValue
        case .responseSent: "RuntimeResponseSentState"
        case .initError: "InitError"
        case .exited: "Exited"
        }
    }

    /// The invocation it has fetched and not answered yet.
    var runningRequestID: String? {
        if case .running(let requestID) = self { requestID } else { nil }
    }
}

/// A call that the state does not allow.
struct TransitionRefused: Error, Equatable {
    /// The state there is.
    let from: String
    /// The state that was asked for.
    let target: String
}

extension RuntimeState {
    /// The process asks for an event. Asking again while running gives the same event once more.
    mutating func askForNext() throws(TransitionRefused) {
        switch self {
        case .started, .responseSent: self = .ready
        case .ready, .assigned, .running: break
        case .replying, .initError, .exited: throw TransitionRefused(from: name, target: "Ready")
        }
    }

    /// The process begins to answer.
    mutating func reply(_ reply: Reply) throws(TransitionRefused) {
        guard case .running = self else { throw TransitionRefused(from: name, target: reply.rawValue) }
        self = .replying(reply)
    }

    /// The process cannot start its function.
    mutating func reportInitError() throws(TransitionRefused) {
        guard self == .started else { throw TransitionRefused(from: name, target: "InitError") }
        self = .initError
    }
}
