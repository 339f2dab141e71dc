/// Why the process can no longer serve: it must end, so that Lambda starts a new one.
enum RuntimeAPIError: Error, CustomStringConvertible {
    /// The Runtime API cannot be reached, broke the exchange off, or declared the environment broken.
    case gone(operation: String, reason: String)
    /// The process was asked to end (SIGTERM).
    case terminated

    var description: String {
        switch self {
        case .gone(let operation, let reason): "Runtime API: \(operation): \(reason)"
        case .terminated: "terminated"
        }
    }
}

/// What became of a report to the Runtime API.
enum ReportOutcome: Equatable {
    /// 202: taken.
    case accepted
    /// 400, 403, 413 and other refusals: Lambda has already settled the invocation; log and ask for the next one.
    case refused(status: Int)

    /// The outcome of a report by the HTTP status it was answered with.
    init(_ operation: String, status: Int) throws(RuntimeAPIError) {
        switch status {
        case 200..<300: self = .accepted
        // "Container error. Non-recoverable state. Runtime should exit promptly."
        case 500...: throw .gone(operation: operation, reason: "status \(status)")
        default: self = .refused(status: status)
        }
    }
}
