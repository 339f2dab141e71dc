#if canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Where the records of a logger go.
public enum LogOutput: Sendable {
    /// Lines on standard error, without buffering: a crash right after loses none.
    case standardError
    /// Frames on a descriptor of Lambda's.
    case lambdaChannel(FramedLog)
    /// Whatever becomes of a record's text, line break included; for tests.
    case custom(@Sendable (String) -> Void)

    func write(_ record: LogRecord) {
        if case .custom(let write) = self {
            write(record.text)
        } else if let prepared = prepared(record) {
            DescriptorWriter.write(prepared.bytes, to: prepared.descriptor)
        }
    }

    /// The record as bytes; `nil` where it does not go to a descriptor.
    func prepared(_ record: LogRecord) -> PreparedLogRecord? {
        switch self {
        case .standardError: PreparedLogRecord(descriptor: STDERR_FILENO, bytes: Array(record.text.utf8))
        case .lambdaChannel(let log): PreparedLogRecord(descriptor: log.descriptor, bytes: FramedLog.frame(record))
        case .custom: nil
        }
    }
}
