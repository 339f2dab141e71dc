import Foundation

/// What one environment's process and the invocations that are given to it say to each other.
///
/// The threads of the process's connections come in through the Runtime API (`RuntimeSession+RuntimeAPI.swift`,
/// `RuntimeSession+ExtensionsAPI.swift`), the one that invokes through the methods here.
final class RuntimeSession: Sendable {
    /// An end of the process that nobody asked for.
    struct UnaskedEnd {
        /// What it worked on; `nil` when it was idle.
        let requestID: String?
    }

    struct State {
        var runtime = RuntimeState.started
        var extensions = ExtensionRegistry()
        var request: InvocationRequest?
        var deadlineMilliseconds: Int64 = 0
        var outcome: InvocationOutcome?
        /// The error document of a process that could not start.
        var initError: Data?
        var exit: ChildExit?
        /// Whether the process has fetched the event it was given.
        var isFetched = false
        /// Whether somebody looks, at the deadline, whether the process asks for its next event.
        var isWatched = false
        /// The invocation after which the process did not ask for another event in time.
        var overdueRequestID: String?
        /// Whether the process is being ended.
        var isStopping = false

        /// Whether an event can be given to the process now.
        var isReady: Bool { runtime == .ready && extensions.areReady && !isStopping }
        /// Whether it will never take an event again.
        var isGone: Bool { runtime == .exited || runtime == .initError || isStopping }
    }

    let definition: FunctionDefinition
    let functionARN: String
    let monitor = Monitor(State())
    /// Called each time the process asks for an event, and when it has ended.
    let onStateChange: @Sendable () -> Void

    init(definition: FunctionDefinition, functionARN: String, onStateChange: @escaping @Sendable () -> Void) {
        self.definition = definition
        self.functionARN = functionARN
        self.onStateChange = onStateChange
    }

    /// Waits until the process asks for its first event.
    ///
    /// - Parameter requestID: the invocation it is started for.
    /// - Returns: `nil` when it is ready, else the error document a caller gets.
    func waitUntilReady(timeoutMilliseconds: Int64, requestID: String?) -> Data? {
        let deadline = EmulatorClock.nowMilliseconds() + timeoutMilliseconds
        let outcome: Data?? = monitor.wait(untilMilliseconds: deadline) { state in
            if let error = state.initError { return error }
            if let exit = state.exit { return Self.exitDocument(state, exit, requestID) }
            return state.isReady ? .some(nil) : nil
        }
        return outcome ?? ErrorDocument.initTimeout(milliseconds: timeoutMilliseconds)
    }

    /// Gives an event to a process that waits for one; `false` when it does not.
    func assign(_ request: InvocationRequest, deadlineMilliseconds: Int64) -> Bool {
        monitor.withLock { state in
            guard state.isReady else { return false }
            state.runtime = .assigned(requestID: request.requestID)
            state.extensions.invocationBegins()
            state.request = request
            state.deadlineMilliseconds = deadlineMilliseconds
            state.outcome = nil
            state.isFetched = false
            return true
        }
    }

    /// Waits until the process has fetched its event.
    ///
    /// - Returns: `false` when it ends before it has; `nil` when the deadline passes.
    func waitUntilFetched() -> Bool? {
        let deadline = monitor.read { $0.deadlineMilliseconds }
        return monitor.wait(untilMilliseconds: deadline) { state in
            if state.isFetched { return true }
            return state.isGone ? false : nil
        }
    }

    /// Waits for the answer or the end of the process; `nil` when the deadline passes.
    func waitForOutcome() -> InvocationOutcome? {
        let deadline = monitor.read { $0.deadlineMilliseconds }
        return monitor.wait(untilMilliseconds: deadline) { state in
            if let outcome = state.outcome { return outcome }
            return state.exit.map { exit in
                .failure(
                    type: Self.exitType(state),
                    document: Self.exitDocument(state, exit, state.request?.requestID))
            }
        }
    }

    /// From now on the process gets no event and its end is no crash.
    ///
    /// - Returns: whether it may end in its own way: only when it has registered an extension.
    func beginStopping() -> Bool {
        monitor.withLock { state in
            state.isStopping = true
            return !state.extensions.isEmpty && state.exit == nil
        }
    }

    /// The process is killed: whoever waits in the Runtime API is let go.
    func abandon() {
        monitor.withLock { state in
            state.isStopping = true
            if state.runtime != .initError { state.runtime = .exited }
        }
    }

    /// The process has ended.
    ///
    /// - Returns: what it did, when nobody had told it to end.
    func processEnded(_ exit: ChildExit) -> UnaskedEnd? {
        defer { onStateChange() }
        return monitor.withLock { state in
            let before = state.runtime
            state.exit = exit
            if before != .initError { state.runtime = .exited }
            guard !state.isStopping else { return nil }
            return switch before {
            // A start that fails is told to whoever waits for it.
            case .started, .initError: nil
            case .ready, .assigned: UnaskedEnd(requestID: nil)
            // An invocation is over when the next event is asked for, not when it is answered.
            case .running, .replying, .responseSent: UnaskedEnd(requestID: state.request?.requestID)
            case .exited: state.overdueRequestID.map { UnaskedEnd(requestID: $0) }
            }
        }
    }

    /// The document of an end without an answer.
    private static func exitDocument(_ state: State, _ exit: ChildExit, _ requestID: String?) -> Data {
        ErrorDocument.exit(requestID: requestID, exit, type: exitType(state))
    }

    /// An extension that announced the end is what the end is put down to.
    private static func exitType(_ state: State) -> String {
        state.extensions.failure?.errorType ?? "Runtime.ExitError"
    }
}

// MARK: - After the answer

extension RuntimeSession {
    /// An invocation is over when the process asks for the next event; until then its deadline goes on.
    ///
    /// - Returns: how long to wait until `endIfOverdue` is to be called; `nil` when nobody need look.
    func beginWatching() -> Int64? {
        monitor.withLock { state in
            guard state.outcome != nil, !state.isReady, !state.isGone, !state.isWatched else { return nil }
            state.isWatched = true
            return max(0, state.deadlineMilliseconds - EmulatorClock.nowMilliseconds())
        }
    }

    /// Gives up a process that has not asked for its next event by the deadline; `false` when it has.
    func endIfOverdue() -> Bool {
        monitor.withLock { state in
            state.isWatched = false
            guard state.outcome != nil, !state.isReady, !state.isGone,
                state.deadlineMilliseconds <= EmulatorClock.nowMilliseconds()
            else { return false }
            state.overdueRequestID = state.request?.requestID
            state.runtime = .exited
            return true
        }
    }
}
