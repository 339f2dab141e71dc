/// Structured logs: one line per record, written at once, with the fields that follow a request everywhere.
///
/// Nothing may be logged that a stranger must not read: no payloads, tokens or secrets. As a second line of defence
/// every text is masked for card numbers (`Redaction`).
public struct Logger: Sendable {
    /// Where lines go.
    public typealias Sink = @Sendable (String) -> Void

    private let fields: [String: LogValue]
    private let minimumLevel: LogLevel
    private let format: LogFormat
    private let now: @Sendable () -> UnixTime
    private let sink: Sink

    /// A logger that writes to standard error with `write(2)`, so that a crash loses no line.
    public init(
        minimumLevel: LogLevel = .info, format: LogFormat = .json, fields: [String: LogValue] = [:],
        now: @escaping @Sendable () -> UnixTime = UnixTime.now, sink: @escaping Sink = StandardError.write
    ) {
        self.minimumLevel = minimumLevel
        self.format = format
        self.fields = fields
        self.now = now
        self.sink = sink
    }

    /// The same logger with further fields on every line.
    public func with(_ more: [String: LogValue]) -> Logger {
        Logger(
            minimumLevel: minimumLevel, format: format, fields: fields.merging(more) { _, new in new }, now: now,
            sink: sink)
    }

    /// Logs every step.
    public func trace(_ message: String, _ fields: [String: LogValue] = [:]) { log(.trace, message, fields) }
    /// Logs what helps a developer.
    public func debug(_ message: String, _ fields: [String: LogValue] = [:]) { log(.debug, message, fields) }
    /// Logs what happened.
    public func info(_ message: String, _ fields: [String: LogValue] = [:]) { log(.info, message, fields) }
    /// Logs what should not happen but was handled.
    public func warning(_ message: String, _ fields: [String: LogValue] = [:]) { log(.warning, message, fields) }
    /// Logs what failed.
    public func error(_ message: String, _ fields: [String: LogValue] = [:]) { log(.error, message, fields) }
    /// Logs what ends the process.
    public func fatal(_ message: String, _ fields: [String: LogValue] = [:]) { log(.fatal, message, fields) }

    private func log(_ level: LogLevel, _ message: String, _ more: [String: LogValue]) {
        guard level >= minimumLevel else { return }
        let all = fields.merging(more) { _, new in new }
        sink(format.line(time: now(), level: level, message: message, fields: all))
    }
}
