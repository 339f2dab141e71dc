import Foundation

/// A thread that does one step again and again until it is stopped.
// @unchecked: the state is in a monitor; the step is immutable and called by one thread.
final class Poller: @unchecked Sendable {
    private struct State {
        var isStopped = false
        var hasEnded = false
    }

    private let monitor = Monitor(State())

    /// Starts at once; `step` gets a way to wait that ends early when the poller is stopped.
    init(name: String, step: @escaping @Sendable (Poller) -> Void) {
        let thread = Thread { [self] in
            while !isStopped { step(self) }
            monitor.withLock { $0.hasEnded = true }
        }
        thread.name = name
        thread.start()
    }

    /// Whether it should end.
    var isStopped: Bool { monitor.read { $0.isStopped } }

    /// Waits, or returns early when the poller is stopped.
    func pause(milliseconds: Int64) {
        _ = monitor.wait(untilMilliseconds: EmulatorClock.nowMilliseconds() + milliseconds) {
            $0.isStopped ? true : nil
        }
    }

    /// Asks it to end after its present step.
    func stop() { monitor.withLock { $0.isStopped = true } }

    /// Waits until it has ended, at most until that moment.
    func join(untilMilliseconds deadline: Int64) {
        _ = monitor.wait(untilMilliseconds: deadline) { $0.hasEnded ? true : nil }
    }
}
