import Foundation

/// The life of one function process as its Runtime API sees it.
///
/// The transitions are those of AWS's own runtime emulator (`core/states.go`): whatever is not listed is refused, and
/// a refused call changes nothing.
enum RuntimeState: Equatable {
    /// Started, has not asked for an event yet.
    case starting
    /// Waits for an event in `next`.
    case ready
    /// An event was given to the instance but `next` has not fetched it yet.
    case assigned(requestID: String)
    /// Works on an event.
    case running(requestID: String)
    /// Has answered; is not done before it asks for the next event.
    case responded
    /// Reported that it could not start.
    case initFailed
    /// The process is gone.
    case exited

    var name: String {
        switch self {
        case .starting: "Started"
        case .ready: "Ready"
        case .assigned, .running: "Running"
        case .responded: "ResponseSent"
        case .initFailed: "InitError"
        case .exited: "Exited"
        }
    }
}
