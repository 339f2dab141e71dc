import CurlEventLoop
import Foundation

/// Does something that blocks on a thread of its own: Swift's pool has as few threads as there are processors, and a
/// loop that blocks one must not keep from running what it waits for.
func onOwnThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread { continuation.resume(with: Result(catching: body)) }.start()
    }
}

/// Runs an operation on a loop that has a thread of its own.
func run<Value: Sendable>(
    on loop: EventLoop, _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await onOwnThread { try loop.run(operation) }
}
