import FoundationEssentials

/// A value of a log field.
public enum LogValue: Sendable, Equatable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByStringInterpolation
{
    /// Text; runs of digits that could be a card number are masked when it is written.
    case string(String)
    /// A whole number.
    case integer(Int)
    /// A truth value.
    case boolean(Bool)

    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
}

/// How much a line matters; the names are Lambda's (`AWS_LAMBDA_LOG_LEVEL`).
public enum LogLevel: String, Sendable, Comparable, CaseIterable {
    /// For whoever debugs a function.
    case debug = "DEBUG"
    /// What happened.
    case info = "INFO"
    /// What should not happen but was handled.
    case warning = "WARN"
    /// What failed.
    case error = "ERROR"

    public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        }
    }
}

/// Structured logs: one JSON object per line, written at once, with the fields that follow a request everywhere.
///
/// Nothing may be logged that a stranger must not read: no payloads, tokens or secrets. As a second line of defence
/// every text is masked for card numbers (`Redaction`).
public struct Logger: Sendable {
    /// Where lines go.
    public typealias Sink = @Sendable (String) -> Void

    private let fields: [String: LogValue]
    private let minimumLevel: LogLevel
    private let now: @Sendable () -> Date
    private let sink: Sink

    /// A logger that writes to standard error with `write(2)`, so that a crash loses no line.
    public init(
        minimumLevel: LogLevel = .info, fields: [String: LogValue] = [:],
        now: @escaping @Sendable () -> Date = { Date() }, sink: @escaping Sink = StandardError.write
    ) {
        self.minimumLevel = minimumLevel
        self.fields = fields
        self.now = now
        self.sink = sink
    }

    /// The same logger with further fields on every line.
    public func with(_ more: [String: LogValue]) -> Logger {
        Logger(
            minimumLevel: minimumLevel, fields: fields.merging(more) { _, new in new }, now: now, sink: sink)
    }

    /// Logs what helps a developer.
    public func debug(_ message: String, _ fields: [String: LogValue] = [:]) { log(.debug, message, fields) }
    /// Logs what happened.
    public func info(_ message: String, _ fields: [String: LogValue] = [:]) { log(.info, message, fields) }
    /// Logs what should not happen but was handled.
    public func warning(_ message: String, _ fields: [String: LogValue] = [:]) { log(.warning, message, fields) }
    /// Logs what failed.
    public func error(_ message: String, _ fields: [String: LogValue] = [:]) { log(.error, message, fields) }

    private func log(_ level: LogLevel, _ message: String, _ more: [String: LogValue]) {
        guard level >= minimumLevel else { return }
        let all = fields.merging(more) { _, new in new }
        var line = "{\"timestamp\":\"\(now().formatted(Self.timestampStyle))\",\"level\":\"\(level.rawValue)\""
        line += ",\"message\":" + JSONText.string(Redaction.mask(message))
        for (name, value) in all.sorted(by: { $0.key < $1.key }) {
            line += "," + JSONText.string(name) + ":" + Self.text(of: value)
        }
        sink(line + "}\n")
    }

    private static let timestampStyle = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    private static func text(of value: LogValue) -> String {
        switch value {
        case .string(let text): JSONText.string(Redaction.mask(text))
        case .integer(let number): "\(number)"
        case .boolean(let flag): flag ? "true" : "false"
        }
    }
}
