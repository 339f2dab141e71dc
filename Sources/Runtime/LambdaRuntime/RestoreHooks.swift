import CurlEventLoop
import Synchronization

/// What a function wants done after its snapshot was restored.
final class RestoreHooks: Sendable {
    private let operations = Mutex<[@Sendable () async throws -> Void]>([])

    func add(_ operation: @escaping @Sendable () async throws -> Void) {
        operations.withLock { $0.append(operation) }
    }

    /// Runs the hooks in the order in which they were registered.
    func run(on loop: EventLoop) throws {
        let operations = self.operations.withLock { $0 }
        guard !operations.isEmpty else { return }
        try loop.run { for operation in operations { try await operation() } }
    }
}
