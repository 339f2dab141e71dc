import Foundation

/// The internal extensions of one environment: those that the function's own process registers.
///
/// There are no external ones here, since no layer brings any. The states are those of AWS's own emulator
/// (`core/internalagent_states.go`).
struct ExtensionRegistry {
    /// What an extension may be told about.
    enum Event: String {
        case invoke = "INVOKE"
    }

    /// Where an extension is in its life.
    enum Phase: String {
        /// Has not asked for an event yet; the environment is not ready before it does.
        case registered = "Registered"
        /// Waits for an event.
        case ready = "Ready"
        /// Works on an event.
        case running = "Running"
        /// Said that it could not start.
        case initError = "InitError"
        /// Said that it is about to end.
        case exitError = "ExitError"
    }

    /// What an extension may report about itself; the process is expected to end after it.
    enum Failure {
        case initError, exitError

        /// What the caller is told instead of `Runtime.ExitError` when the process ends.
        var errorType: String { self == .initError ? "Extension.InitError" : "Extension.ExitError" }
        fileprivate var phase: Phase { self == .initError ? .initError : .exitError }
        fileprivate var target: String { self == .initError ? "InitError" : "Exited" }
        fileprivate var allowed: [Phase] {
            self == .initError ? [.registered, .initError] : [.registered, .ready, .running, .exitError]
        }
    }

    private struct Entry {
        let name: String
        let takesInvocations: Bool
        var phase = Phase.registered
        /// How many invocations had begun when it got its last event.
        var seenInvocations = 0
    }

    private var entries: [UUID: Entry] = [:]
    /// How many events the function's process was given.
    private var invocations = 0
    private var isClosed = false
    /// The first failure that an extension reported.
    private(set) var failure: Failure?

    /// Whether any extension is there: only then does the process get a chance to end in its own way.
    var isEmpty: Bool { entries.isEmpty }

    /// Whether every extension waits for an event and none is on its way to it.
    var areReady: Bool {
        entries.values.allSatisfy { entry in
            entry.phase == .ready && (!entry.takesInvocations || entry.seenInvocations == invocations)
        }
    }

    /// Nobody may register once the function has asked for its first event.
    mutating func close() { isClosed = true }

    /// An invocation begins.
    mutating func invocationBegins() { invocations += 1 }

    /// Registers an extension.
    mutating func register(_ name: String, events: [Event]) throws(ExtensionRefusal) -> UUID {
        guard !isClosed else { throw .registrationClosed }
        guard entries.count < RuntimeLimits.extensions else { throw .tooMany }
        guard !entries.values.contains(where: { $0.name == name }) else { throw .nameTaken }
        let identifier = UUID()
        entries[identifier] = Entry(name: name, takesInvocations: events.contains(.invoke))
        return identifier
    }

    /// An extension asks for an event, and has so finished the last one.
    mutating func askForNext(_ identifier: UUID) throws(ExtensionRefusal) {
        guard let entry = entries[identifier] else { throw .unknown(identifier) }
        guard entry.phase == .registered || entry.phase == .running else {
            throw .transition(TransitionRefused(from: entry.phase.rawValue, target: "Ready"), identifier)
        }
        entries[identifier]?.phase = .ready
    }

    /// Hands the invocation that has begun to an extension that waits for one; `false` when there is none for it.
    mutating func takeInvocation(_ identifier: UUID) -> Bool {
        guard var entry = entries[identifier], entry.phase == .ready, entry.takesInvocations,
            entry.seenInvocations < invocations
        else { return false }
        entry.phase = .running
        entry.seenInvocations = invocations
        entries[identifier] = entry
        return true
    }

    /// An extension reports a failure; repeating it changes nothing.
    mutating func report(_ failure: Failure, _ identifier: UUID) throws(ExtensionRefusal) {
        guard let entry = entries[identifier] else { throw .unknownReporter }
        guard failure.allowed.contains(entry.phase) else {
            throw .transition(TransitionRefused(from: entry.phase.rawValue, target: failure.target), identifier)
        }
        entries[identifier]?.phase = failure.phase
        self.failure = self.failure ?? failure
    }
}
