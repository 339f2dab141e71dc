import Synchronization

/// Decides when a simulated process dies: at which of its effects, and whether the effect still happens.
///
/// Every port of a process passes its effects through one fate. After the crash nothing has an effect any more, as for
/// a process that is gone, whatever the code still tries.
public final class ProcessFate: Sendable {
    /// Where in an effect the process dies.
    public enum Moment: Sendable, CaseIterable {
        /// The effect does not happen.
        case beforeEffect
        /// The effect happens; the process never learns of it.
        case afterEffect
    }

    /// What every effect of a dead process throws.
    public struct Crashed: Error {}

    private struct State {
        var steps: [String] = []
        var isDead = false
    }

    private let crash: (step: Int, moment: Moment)?
    private let state = Mutex(State())

    /// A process that lives for ever.
    public init() {
        crash = nil
    }

    /// A process that dies at its `step`-th effect, counted from 0.
    public init(crashAtStep step: Int, moment: Moment) {
        crash = (step, moment)
    }

    /// The effects that were tried before the crash, by name.
    public var steps: [String] { state.withLock { $0.steps } }

    /// Whether the crash happened.
    public var hasCrashed: Bool { state.withLock { $0.isDead } }

    /// Carries out one effect, or dies.
    public func step<Value>(_ name: String, _ effect: () throws -> Value) throws -> Value {
        let moment: Moment? = try state.withLock { state in
            guard !state.isDead else { throw Crashed() }
            let index = state.steps.count
            state.steps.append(name)
            guard let crash, crash.step == index else { return nil }
            state.isDead = true
            return crash.moment
        }
        switch moment {
        case nil:
            return try effect()
        case .beforeEffect:
            throw Crashed()
        case .afterEffect:
            _ = try effect()
            throw Crashed()
        }
    }
}
