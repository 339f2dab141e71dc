import Foundation

/// One running process of a function and the Runtime API server it talks to.
///
/// Every instance has a server of its own, so that the address in `AWS_LAMBDA_RUNTIME_API` is plain `host:port` as in
/// Lambda, and an orphan finds nobody there when the instance is gone.
// @unchecked: `process` and `server` are set once, before the instance is used; the rest is immutable or in a monitor.
final class FunctionInstance: @unchecked Sendable {
    /// How many of the last lines of output are kept for reports.
    static let keptLines = 20

    /// An end that nobody asked for.
    struct Crash {
        let exit: ChildExit
        /// What it worked on; `nil` when it was idle.
        let requestID: String?
        let lastLines: [String]
    }

    private struct Record {
        var lines: [String] = []
        /// A crash whose last lines are still on their way.
        var pendingCrash: RuntimeSession.UnaskedEnd?
    }

    let definition: FunctionDefinition
    private let session: RuntimeSession
    private let record = Monitor(Record())
    private let onLine: @Sendable (String) -> Void
    private let onCrash: @Sendable (Crash) -> Void
    private var server: HTTPServer?
    private(set) var process: ChildProcess?

    /// Starts the function's process.
    ///
    /// - Parameters:
    ///   - onStateChange: called each time the process asks for an event, and when it has ended.
    ///   - onCrash: called when the process ends after its start without having been told to.
    init(
        definition: FunctionDefinition, bootstrap: String, functionARN: String, environment: [String: String],
        onLine: @escaping @Sendable (String) -> Void, onStateChange: @escaping @Sendable () -> Void,
        onCrash: @escaping @Sendable (Crash) -> Void
    ) throws {
        self.definition = definition
        self.onLine = onLine
        self.onCrash = onCrash
        session = RuntimeSession(definition: definition, functionARN: functionARN, onStateChange: onStateChange)
        let bodies = HTTPBodyPolicy(
            maximumBytes: RuntimeLimits.streamedResponseBytes, deliversIncompleteBodies: true)
        let server = try HTTPServer(bodies: bodies) { [weak self] request in self?.answer(request) ?? .reset }
        self.server = server
        var environment = environment
        environment["AWS_LAMBDA_RUNTIME_API"] = "127.0.0.1:\(server.port)"
        do {
            process = try ChildProcess(
                executable: bootstrap, environment: environment,
                workingDirectory: (bootstrap as NSString).deletingLastPathComponent,
                onLine: { [weak self] _, line in self?.write(line) ?? onLine(line) },
                onEnd: { [weak self] exit in self?.processEnded(exit) },
                // Strong: whoever held the instance drops it at the end, but its crash is still to be told.
                onExit: { [self] exit in reportCrash(exit) })
        } catch {
            server.stop()
            throw error
        }
    }

    /// The process id; 0 when it was never started.
    var processID: Int32 { process?.processID ?? 0 }

    /// Kills the process as the kernel's out-of-memory killer would.
    func kill() { process?.signal(SIGKILL) }

    /// Whether an event can be given to it now.
    var isReady: Bool { session.monitor.read { $0.isReady } }

    /// Whether it will never take an event again.
    var isGone: Bool { session.monitor.read { $0.isGone } }

    /// The last lines the process wrote.
    var lastLines: [String] { record.read { $0.lines } }

    /// How the process ended; `nil` while it runs.
    var exitResult: ChildExit? { session.monitor.read { $0.exit } }

    /// Waits until the process asks for its first event.
    ///
    /// - Parameter requestID: the invocation it is started for, for the error document.
    /// - Returns: `nil` when it is ready, else the error document a caller gets.
    func waitUntilReady(timeoutMilliseconds: Int64, requestID: String? = nil) -> Data? {
        session.waitUntilReady(timeoutMilliseconds: timeoutMilliseconds, requestID: requestID)
    }

    /// Hands an event to the process and waits for its answer, its end, or the function's timeout.
    ///
    /// - Parameter onDelivered: called when the process has fetched the event.
    /// - Returns: `nil` when the process ended before it fetched the event: another one may have it.
    func invoke(_ request: InvocationRequest, onDelivered: () -> Void = {}) -> InvocationResult? {
        let start = EmulatorClock.nowMilliseconds()
        let deadline = start + Int64(definition.timeoutSeconds) * 1000
        guard session.assign(request, deadlineMilliseconds: deadline) else { return nil }
        let isFetched = session.waitUntilFetched()
        if isFetched == false { return nil }
        if isFetched == true { onDelivered() }
        let outcome = session.waitForOutcome() ?? endAfterTimeout(request)
        return InvocationResult(
            requestID: request.requestID, outcome: outcome,
            durationMilliseconds: EmulatorClock.nowMilliseconds() - start)
    }

    private func endAfterTimeout(_ request: InvocationRequest) -> InvocationOutcome {
        session.abandon()
        kill()
        let text = "Task timed out after \(definition.timeoutSeconds).00 seconds"
        write("\(Self.timestamp()) \(request.requestID) \(text)")
        return .failure(
            type: ErrorDocument.timeoutType,
            document: ErrorDocument.timeout(request.requestID, seconds: definition.timeoutSeconds))
    }

    /// The form that Lambda's own log lines have: milliseconds, UTC.
    private static func timestamp() -> String {
        Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    private func write(_ line: String) {
        record.withLock { record in
            record.lines.append(line)
            if record.lines.count > Self.keptLines { record.lines.removeFirst() }
        }
        onLine(line)
    }

    private func answer(_ request: HTTPServerRequest) -> HTTPServerResponse {
        let answer = RuntimeAPIRouter.answer(request, session)
        watchForNext()
        return answer
    }

    private func watchForNext() {
        guard let remaining = session.beginWatching() else { return }
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Int(remaining))) { [weak self] in
            guard let self else { return }
            // It may have answered a later event meanwhile, whose deadline is another one.
            if session.endIfOverdue() { kill() } else { watchForNext() }
        }
    }
}

// MARK: - The end

extension FunctionInstance {
    /// Ends the process: at once, or, when it has registered an extension, by asking it first (Lambda, shutdown phase).
    func stop() {
        let deadline = EmulatorClock.nowMilliseconds() + RuntimeLimits.shutdownMilliseconds
        beginStop()
        finishStop(deadlineMilliseconds: deadline)
    }

    /// Tells the process to end: SIGTERM when it has registered an extension, else SIGKILL.
    func beginStop() {
        if session.beginStopping() { process?.signal(SIGTERM) } else { kill() }
    }

    /// Kills what has not ended by the deadline, and ends the server.
    func finishStop(deadlineMilliseconds: Int64) {
        _ = session.monitor.wait(untilMilliseconds: deadlineMilliseconds) { $0.exit }
        session.abandon()
        kill()
        server?.stop()
    }

    /// Makes the instance useless for everybody at once; its last words may still be on their way.
    private func processEnded(_ exit: ChildExit) {
        let end = session.processEnded(exit)
        record.withLock { $0.pendingCrash = end }
        server?.stop()
    }

    private func reportCrash(_ exit: ChildExit) {
        let crash = record.read { record in
            record.pendingCrash.map { Crash(exit: exit, requestID: $0.requestID, lastLines: record.lines) }
        }
        if let crash { onCrash(crash) }
    }
}
