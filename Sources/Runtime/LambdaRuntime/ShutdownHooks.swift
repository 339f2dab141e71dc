import CSignals
import CurlEventLoop
import Synchronization

/// What a function wants done before its environment ends.
final class ShutdownHooks: Sendable {
    /// AWS gives a runtime with an internal extension 500 ms between SIGTERM and SIGKILL, one with an external
    /// extension 300 ms (lambda.md A.11).
    static let budgetMilliseconds: Int32 = 300

    private let operations = Mutex<[@Sendable () async -> Void]>([])

    var isEmpty: Bool { operations.withLock { $0.isEmpty } }

    func add(_ operation: @escaping @Sendable () async -> Void) {
        operations.withLock { $0.append(operation) }
    }

    /// Runs the hooks, the last registered first, and ends the process when they take too long.
    func run(on loop: EventLoop) {
        let operations = self.operations.withLock { $0.reversed() }
        guard !operations.isEmpty else { return }
        fincore_termination_set_deadline(Self.budgetMilliseconds, 0)
        // The operations cannot throw; the loop's signature is for those that can.
        try? loop.run { for operation in operations { await operation() } }
    }
}
