/// How much a line matters; the names are Lambda's (`AWS_LAMBDA_LOG_LEVEL`).
public enum LogLevel: String, Sendable, Comparable, CaseIterable {
    /// Every step.
    case trace = "TRACE"
    /// For whoever debugs a function.
    case debug = "DEBUG"
    /// What happened.
    case info = "INFO"
    /// What should not happen but was handled.
    case warning = "WARN"
    /// What failed.
    case error = "ERROR"
    /// What ended the process.
    case fatal = "FATAL"

    /// The level of that name, in any case; `nil` for a name that Lambda does not use.
    public init?(named name: String) {
        self.init(rawValue: name.uppercased())
    }

    public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }

    /// Ascending from 0, in the order of Lambda's levels.
    var rank: Int {
        switch self {
        case .trace: 0
        case .debug: 1
        case .info: 2
        case .warning: 3
        case .error: 4
        case .fatal: 5
        }
    }
}
