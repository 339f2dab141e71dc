/// Structured logs: one line per record, written at once, with the fields that follow a request everywhere.
///
/// Nothing may be logged that a stranger must not read: no payloads, tokens or secrets. As a second line of defence
/// every text is masked for card numbers (`Redaction`).
public struct Logger: Sendable {
    private let fields: [String: LogValue]
    private let minimumLevel: LogLevel
    private let format: LogFormat
    private let now: @Sendable () -> UnixTime
    private let output: LogOutput

    /// A logger that writes each record at once, so that a crash loses none.
    public init(
        minimumLevel: LogLevel = .info, format: LogFormat = .json, fields: [String: LogValue] = [:],
        now: @escaping @Sendable () -> UnixTime = UnixTime.now, output: LogOutput = .standardError
    ) {
        self.minimumLevel = minimumLevel
        self.format = format
        self.fields = fields
        self.now = now
        self.output = output
    }

    /// A logger that hands every line to a closure; for tests.
    public init(
        minimumLevel: LogLevel = .info, format: LogFormat = .json, fields: [String: LogValue] = [:],
        now: @escaping @Sendable () -> UnixTime = UnixTime.now, sink: @escaping @Sendable (String) -> Void
    ) {
        self.init(minimumLevel: minimumLevel, format: format, fields: fields, now: now, output: .custom(sink))
    }

    /// The same logger with further fields on every line.
    public func with(_ more: [String: LogValue]) -> Logger {
        Logger(
            minimumLevel: minimumLevel, format: format, fields: fields.merging(more) { _, new in new }, now: now,
            output: output)
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

    /// A warning as bytes, for a signal handler that may have to write it so many milliseconds from now.
    ///
    /// - Returns: `nil` when warnings are not logged, or not to a descriptor.
    public func preparedWarning(_ message: String, inMilliseconds delay: Int64) -> PreparedLogRecord? {
        guard LogLevel.warning >= minimumLevel else { return nil }
        let time = UnixTime(milliseconds: now().milliseconds + delay)
        return output.prepared(record(.warning, time, message, fields))
    }

    private func log(_ level: LogLevel, _ message: String, _ more: [String: LogValue]) {
        guard level >= minimumLevel else { return }
        output.write(record(level, now(), message, fields.merging(more) { _, new in new }))
    }

    private func record(
        _ level: LogLevel, _ time: UnixTime, _ message: String, _ fields: [String: LogValue]
    ) -> LogRecord {
        let text = format.line(time: time, level: level, message: message, fields: fields)
        return LogRecord(level: level, format: format, time: time, text: text)
    }
}
