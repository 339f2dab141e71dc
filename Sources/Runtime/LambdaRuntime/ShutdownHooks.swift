import CSignals
import CurlEventLoop
import Synchronization
import Telemetry

/// What a function wants done before its environment ends.
///
/// SIGTERM never cuts an invocation off: one in progress is finished and reported first, however long it takes, and the
/// hooks run after it. Lambda sends the signal between invocations; should the time it gives be over meanwhile, it kills
/// the process itself.
final class ShutdownHooks: Sendable {
    /// AWS gives a runtime with an internal extension 500 ms between SIGTERM and SIGKILL, one with an external
    /// extension 300 ms (lambda.md A.11).
    static let budgetMilliseconds: Int32 = 300

    private let operations = Mutex<[@Sendable () async -> Void]>([])

    var isEmpty: Bool { operations.withLock { $0.isEmpty } }

    func add(_ operation: @escaping @Sendable () async -> Void) {
        operations.withLock { $0.append(operation) }
    }

    /// Runs the hooks, the last registered first, and ends the process when they take too long: with a line in the log,
    /// and with status 0 as ever after SIGTERM, since the process ends because it was asked to. Lambda looks at neither.
    func run(on loop: EventLoop, logger: Logger) {
        let operations = self.operations.withLock { $0.reversed() }
        guard !operations.isEmpty else { return }
        let lastWords = logger.preparedWarning(
            "shutdown hooks were cut off", inMilliseconds: Int64(Self.budgetMilliseconds))
        if let lastWords {
            lastWords.bytes.withUnsafeBytes {
                fincore_termination_set_last_words(lastWords.descriptor, $0.baseAddress, UInt64($0.count))
            }
        }
        fincore_termination_set_deadline(Self.budgetMilliseconds, 0)
        // The operations cannot throw; the loop's signature is for those that can.
        try? loop.run { for operation in operations { await operation() } }
    }
}
