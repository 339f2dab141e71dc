/// One record as it goes out.
public struct LogRecord: Sendable, Equatable {
    /// How much it matters.
    public let level: LogLevel
    /// How its text is written.
    public let format: LogFormat
    /// When it was logged.
    public let time: UnixTime
    /// One complete line, with its line break.
    public let text: String

    /// A record made of its parts.
    public init(level: LogLevel, format: LogFormat, time: UnixTime, text: String) {
        self.level = level
        self.format = format
        self.time = time
        self.text = text
    }
}

/// A record as the bytes that are to be written, for one who can no longer make them: a signal handler.
public struct PreparedLogRecord: Sendable {
    /// Where to write.
    public let descriptor: Int32
    /// What to write, all at once.
    public let bytes: [UInt8]
}
