import Foundation

/// A mutable state guarded by one mutex with one condition variable: threads change the state, others wait for it.
///
/// The emulator is a set of blocking threads (one per connection, poller and child process); this is their only way
/// to meet.
public final class Monitor<State>: @unchecked Sendable {
    // @unchecked: `state` is touched only while `condition` is held.

    private let condition = NSCondition()
    private var state: State

    /// Makes a monitor around its first state.
    public init(_ state: State) {
        self.state = state
    }

    /// Runs `body` alone with the state, then wakes every waiter so that it looks again.
    public func withLock<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
        condition.lock()
        defer {
            condition.broadcast()
            condition.unlock()
        }
        return try body(&state)
    }

    /// Runs `body` alone with the state without waking anyone: for reads.
    public func read<Result>(_ body: (State) throws -> Result) rethrows -> Result {
        condition.lock()
        defer { condition.unlock() }
        return try body(state)
    }

    /// Calls `body` each time the state may have changed until it returns a value or the deadline passes.
    ///
    /// - Parameter deadline: milliseconds since 1970; `nil` waits for ever.
    /// - Returns: what `body` returned, or `nil` when the deadline passed first.
    public func wait<Result>(untilMilliseconds deadline: Int64?, _ body: (inout State) -> Result?) -> Result? {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let result = body(&state) {
                condition.broadcast()
                return result
            }
            guard let deadline else {
                condition.wait()
                continue
            }
            let limit = Date(timeIntervalSince1970: Double(deadline) / 1000)
            if !condition.wait(until: limit) {
                let last = body(&state)
                if last != nil { condition.broadcast() }
                return last
            }
        }
    }

    /// Wakes every waiter so that it looks at the state again.
    public func notifyAll() {
        condition.lock()
        condition.broadcast()
        condition.unlock()
    }
}

/// The emulator's wall clock.
public enum EmulatorClock {
    /// Milliseconds since 1970, UTC.
    public static func nowMilliseconds() -> Int64 {
        Int64((Date().timeIntervalSince1970 * 1000).rounded(.down))
    }
}
