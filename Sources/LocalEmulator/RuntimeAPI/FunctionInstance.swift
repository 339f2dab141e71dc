import Foundation
import HTTPClient

/// One running process of a function and the Runtime API server it talks to.
///
/// Every instance has a server of its own, so that the address in `AWS_LAMBDA_RUNTIME_API` is plain `host:port` as in
/// Lambda, and an orphan finds nobody there when the instance is gone.
// @unchecked: everything mutable is in the monitor; `process` and `server` are set once before the instance is used.
final class FunctionInstance: @unchecked Sendable {
    /// Largest response (RIE `interop/model.go`: 6 MiB and 100 bytes).
    static let maximumResponseBytes = 6 * 1024 * 1024 + 100
    /// How many of the last lines of standard error are kept for reports.
    static let keptErrorLines = 20

    /// An end that nobody asked for.
    struct Crash {
        let exit: ChildExit
        /// What it worked on; `nil` when it was idle.
        let requestID: String?
        let lastLines: [String]
    }

    /// A crash whose last lines are still on their way.
    private struct PendingCrash {
        let requestID: String?
    }

    private struct State {
        var runtime = RuntimeState.starting
        var request: InvocationRequest?
        var deadlineMilliseconds: Int64 = 0
        var result: (payload: Data, isError: Bool)?
        var initError: Data?
        var exit: ChildExit?
        /// Whether the process has fetched the event it was given.
        var isFetched = false
        /// Whether somebody looks, at the deadline, whether the process asks for its next event.
        var isWatched = false
        /// The invocation after which the process did not ask for another event in time.
        var overdueRequestID: String?
        var crash: PendingCrash?
        var isStopping = false
        var errorLines: [String] = []
    }

    let definition: FunctionDefinition
    private let functionARN: String
    private let onStateChange: @Sendable () -> Void
    private let onCrash: @Sendable (Crash) -> Void
    private let monitor = Monitor(State())
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
        self.onStateChange = onStateChange
        self.onCrash = onCrash
        self.functionARN = functionARN
        let server = try HTTPServer { [weak self] request in self?.answer(request) ?? .reset }
        self.server = server
        var environment = environment
        environment["AWS_LAMBDA_RUNTIME_API"] = "127.0.0.1:\(server.port)"
        do {
            process = try ChildProcess(
                executable: bootstrap, environment: environment,
                workingDirectory: (bootstrap as NSString).deletingLastPathComponent,
                onLine: { [weak self] _, line in
                    self?.keep(line)
                    onLine(line)
                },
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
    var isReady: Bool { monitor.read { $0.runtime == .ready } }

    /// Whether it will never take an event again.
    var isGone: Bool { monitor.read { $0.runtime == .exited || $0.runtime == .initFailed } }

    /// The last lines the process wrote.
    var lastLines: [String] { monitor.read { $0.errorLines } }

    /// How the process ended; `nil` while it runs.
    var exitResult: ChildExit? { monitor.read { $0.exit } }

    /// Waits until the process asks for its first event.
    ///
    /// - Returns: `nil` when it is ready, else the error document a caller gets.
    func waitUntilReady(timeoutMilliseconds: Int64) -> Data? {
        let deadline = EmulatorClock.nowMilliseconds() + timeoutMilliseconds
        let outcome: Data?? = monitor.wait(untilMilliseconds: deadline) { state in
            if let error = state.initError { return error }
            if let exit = state.exit { return ErrorDocument.exit(requestID: nil, exit) }
            return state.runtime == .ready || state.runtime == .responded ? .some(nil) : nil
        }
        return outcome
            ?? ErrorDocument.initTimeout(milliseconds: timeoutMilliseconds)
    }

    /// Hands an event to the process and waits for its answer, its end, or the function's timeout.
    ///
    /// - Parameter onDelivered: called when the process has fetched the event.
    /// - Returns: `nil` when the process ended before it fetched the event: another one may have it.
    func invoke(_ request: InvocationRequest, onDelivered: () -> Void = {}) -> InvocationResult? {
        let start = EmulatorClock.nowMilliseconds()
        let deadline = start + Int64(definition.timeoutSeconds) * 1000
        guard assign(request, deadline: deadline) else { return nil }
        func result(_ payload: Data, _ isError: Bool) -> InvocationResult {
            InvocationResult(
                requestID: request.requestID, payload: payload, functionError: isError ? "Unhandled" : nil,
                durationMilliseconds: EmulatorClock.nowMilliseconds() - start)
        }
        let isFetched = monitor.wait(untilMilliseconds: deadline) { state -> Bool? in
            if state.isFetched { return true }
            return state.runtime == .exited ? false : nil
        }
        if isFetched == false { return nil }
        if isFetched == true { onDelivered() }
        let outcome: (Data, Bool)? = monitor.wait(untilMilliseconds: deadline) { state in
            if let result = state.result { return (result.payload, result.isError) }
            return state.exit.map { (ErrorDocument.exit(requestID: request.requestID, $0), true) }
        }
        if let outcome { return result(outcome.0, outcome.1) }
        monitor.withLock { state in
            state.isStopping = true
            state.runtime = .exited
        }
        kill()
        return result(ErrorDocument.timeout(request.requestID, seconds: definition.timeoutSeconds), true)
    }

    private func assign(_ request: InvocationRequest, deadline: Int64) -> Bool {
        monitor.withLock { state in
            guard state.runtime == .ready else { return false }
            state.runtime = .assigned(requestID: request.requestID)
            state.request = request
            state.deadlineMilliseconds = deadline
            state.result = nil
            state.isFetched = false
            return true
        }
    }

    /// Ends the process and its server.
    func stop(graceMilliseconds: Int = 0) {
        monitor.withLock { state in
            state.isStopping = true
            if state.runtime != .initFailed { state.runtime = .exited }
        }
        if graceMilliseconds > 0 {
            process?.terminate(graceMilliseconds: graceMilliseconds)
        } else {
            process?.signal(SIGKILL)
        }
        server?.stop()
    }

    private func keep(_ line: String) {
        monitor.withLock { state in
            state.errorLines.append(line)
            if state.errorLines.count > Self.keptErrorLines { state.errorLines.removeFirst() }
        }
    }

    /// Makes the instance useless for everybody at once; its last words may still be on their way.
    private func processEnded(_ exit: ChildExit) {
        monitor.withLock { state in
            let before = state.runtime
            state.exit = exit
            if state.runtime != .initFailed { state.runtime = .exited }
            guard !state.isStopping else { return }
            switch before {
            // A start that fails is told to whoever waits for it.
            case .starting, .initFailed: break
            case .ready, .responded, .assigned: state.crash = PendingCrash(requestID: nil)
            case .running(let identifier): state.crash = PendingCrash(requestID: identifier)
            case .exited: state.crash = state.overdueRequestID.map { PendingCrash(requestID: $0) }
            }
        }
        server?.stop()
        onStateChange()
    }

    private func reportCrash(_ exit: ChildExit) {
        let crash = monitor.read { state in
            state.crash.map { Crash(exit: exit, requestID: $0.requestID, lastLines: state.errorLines) }
        }
        if let crash { onCrash(crash) }
    }
}

// MARK: - After the answer

extension FunctionInstance {
    /// An invocation is over when the process asks for the next event; until then its deadline goes on.
    private func watchForNext() {
        let remaining: Int64? = monitor.withLock { state in
            guard state.runtime == .responded, !state.isWatched else { return nil }
            state.isWatched = true
            return max(0, state.deadlineMilliseconds - EmulatorClock.nowMilliseconds())
        }
        guard let remaining else { return }
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Int(remaining))) { [weak self] in
            self?.endIfOverdue()
        }
    }

    private func endIfOverdue() {
        let isOverdue = monitor.withLock { state in
            state.isWatched = false
            guard state.runtime == .responded, state.deadlineMilliseconds <= EmulatorClock.nowMilliseconds() else {
                return false
            }
            state.overdueRequestID = state.request?.requestID
            state.runtime = .exited
            return true
        }
        // It may have answered a later event meanwhile, whose deadline is another one.
        if isOverdue { kill() } else { watchForNext() }
    }
}

// MARK: - The Runtime API

extension FunctionInstance {
    fileprivate func answer(_ request: HTTPServerRequest) -> HTTPServerResponse {
        let segments = request.pathSegments
        if request.method == "GET" && segments == ["ping"] { return .text(200, "pong") }
        guard segments.first == "2018-06-01", segments.count >= 3, segments[1] == "runtime" else {
            return .text(404, "404 page not found\n")
        }
        switch (request.method, Array(segments[2...])) {
        case ("GET", ["invocation", "next"]): return next()
        case ("POST", ["init", "error"]): return initError(request)
        case ("POST", let rest) where rest.count == 3 && rest[0] == "invocation" && rest[2] == "response":
            return respond(rest[1], request, isError: false)
        case ("POST", let rest) where rest.count == 3 && rest[0] == "invocation" && rest[2] == "error":
            return respond(rest[1], request, isError: true)
        default: return .text(404, "404 page not found\n")
        }
    }

    private func next() -> HTTPServerResponse {
        let refused: HTTPServerResponse? = monitor.withLock { state in
            switch state.runtime {
            case .starting, .responded: state.runtime = .ready
            // Asking again while running gives the same event once more (RIE: RuntimeRunningState.Ready).
            case .ready, .assigned, .running: break
            case .initFailed, .exited: return Self.transitionRefused(from: state.runtime, to: "Ready")
            }
            return nil
        }
        if let refused { return refused }
        onStateChange()
        return monitor.wait(untilMilliseconds: nil) { state -> HTTPServerResponse? in
            switch state.runtime {
            case .assigned(let identifier), .running(let identifier):
                guard let request = state.request else { return nil }
                state.runtime = .running(requestID: identifier)
                state.isFetched = true
                return self.event(request, deadline: state.deadlineMilliseconds)
            case .exited, .initFailed: return .reset
            case .starting, .ready, .responded: return nil
            }
        } ?? .reset
    }

    private func event(_ request: InvocationRequest, deadline: Int64) -> HTTPServerResponse {
        var headers: HTTPHeaders = [
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": request.requestID,
            "Lambda-Runtime-Deadline-Ms": String(deadline),
            "Lambda-Runtime-Invoked-Function-Arn": functionARN,
            "Lambda-Runtime-Trace-Id": request.traceID,
        ]
        headers["Lambda-Runtime-Client-Context"] = request.clientContext
        return .reply(status: 200, headers: headers, body: request.payload)
    }

    private func respond(_ identifier: String, _ request: HTTPServerRequest, isError: Bool) -> HTTPServerResponse {
        let answer: HTTPServerResponse = monitor.withLock { state in
            // The id is checked before the transition, and a wrong one changes nothing.
            guard identifier == state.request?.requestID else {
                return .json(400, ["errorMessage": "Invalid request ID", "errorType": "InvalidRequestID"])
            }
            guard case .running = state.runtime else {
                return Self.transitionRefused(
                    from: state.runtime, to: isError ? "InvocationErrorResponse" : "InvocationResponse")
            }
            state.runtime = .responded
            guard isError || request.body.count <= Self.maximumResponseBytes else {
                let message = "Response payload size exceeded maximum allowed payload size (6291556 bytes)."
                state.result = (ErrorDocument.make(type: "Function.ResponseSizeTooLarge", message: message), true)
                return .json(
                    413,
                    [
                        "errorMessage": "Exceeded maximum allowed payload size (6291556 bytes).",
                        "errorType": "RequestEntityTooLarge",
                    ])
            }
            // A streamed response that broke off tells so in its trailers.
            if let type = request.trailers["Lambda-Runtime-Function-Error-Type"] {
                state.result = (ErrorDocument.make(type: type, message: "the response stream failed"), true)
            } else {
                state.result = (request.body, isError)
            }
            return .json(202, ["status": "OK"])
        }
        watchForNext()
        return answer
    }

    private func initError(_ request: HTTPServerRequest) -> HTTPServerResponse {
        monitor.withLock { state in
            guard state.runtime == .starting else {
                return Self.transitionRefused(from: state.runtime, to: "InitError")
            }
            state.runtime = .initFailed
            state.initError = request.body
            return .json(202, ["status": "OK"])
        }
    }

    private static func transitionRefused(from state: RuntimeState, to target: String) -> HTTPServerResponse {
        .json(
            403,
            [
                "errorMessage": .string(
                    "State transition from \(state.name) to \(target) failed for runtime. "
                        + "Error: State transition is not allowed"),
                "errorType": "InvalidStateTransition",
            ])
    }
}
