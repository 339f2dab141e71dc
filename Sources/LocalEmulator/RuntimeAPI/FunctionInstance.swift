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

    private struct State {
        var runtime = RuntimeState.starting
        var request: InvocationRequest?
        var deadlineMilliseconds: Int64 = 0
        var result: (payload: Data, isError: Bool)?
        var initError: Data?
        var exit: ChildExit?
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
                onExit: { [weak self] exit in self?.processEnded(exit) })
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
            if let exit = state.exit { return Self.exitDocument(requestID: nil, exit) }
            return state.runtime == .ready || state.runtime == .responded ? .some(nil) : nil
        }
        return outcome
            ?? Self.document(
                type: "Sandbox.Timedout", message: "Init did not finish within \(timeoutMilliseconds / 1000) seconds")
    }

    /// Hands an event to the process and waits for its answer, its end, or the function's timeout.
    ///
    /// - Parameter onDelivered: called when the process has fetched the event.
    /// - Returns: `nil` when the process ended before it could be given the event: another one may have it.
    func invoke(_ request: InvocationRequest, onDelivered: () -> Void = {}) -> InvocationResult? {
        let start = EmulatorClock.nowMilliseconds()
        let deadline = start + Int64(definition.timeoutSeconds) * 1000
        let assigned = monitor.withLock { state in
            guard state.runtime == .ready else { return false }
            state.runtime = .assigned(requestID: request.requestID)
            state.request = request
            state.deadlineMilliseconds = deadline
            state.result = nil
            return true
        }
        func result(_ payload: Data, _ isError: Bool) -> InvocationResult {
            InvocationResult(
                requestID: request.requestID, payload: payload, functionError: isError ? "Unhandled" : nil,
                durationMilliseconds: EmulatorClock.nowMilliseconds() - start)
        }
        guard assigned else { return nil }
        _ = monitor.wait(untilMilliseconds: deadline) { state in
            if case .assigned = state.runtime { return state.exit == nil ? nil : true } else { return true }
        }
        onDelivered()
        let outcome: (Data, Bool)? = monitor.wait(untilMilliseconds: deadline) { state in
            if let result = state.result { return (result.payload, result.isError) }
            return state.exit.map { (Self.exitDocument(requestID: request.requestID, $0), true) }
        }
        if let outcome { return result(outcome.0, outcome.1) }
        monitor.withLock { $0.isStopping = true }
        process?.signal(SIGKILL)
        return result(Self.timeoutDocument(request.requestID, seconds: definition.timeoutSeconds), true)
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

    private func processEnded(_ exit: ChildExit) {
        let crash: Crash? = monitor.withLock { state in
            let before = state.runtime
            state.exit = exit
            if state.runtime != .initFailed { state.runtime = .exited }
            guard !state.isStopping else { return nil }
            switch before {
            // A start that fails is told to whoever waits for it.
            case .starting, .initFailed, .exited: return nil
            case .ready, .responded: return Crash(exit: exit, requestID: nil, lastLines: state.errorLines)
            case .assigned(let id), .running(let id):
                return Crash(exit: exit, requestID: id, lastLines: state.errorLines)
            }
        }
        server?.stop()
        onStateChange()
        if let crash { onCrash(crash) }
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
        monitor.withLock { state in
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
                state.result = (Self.document(type: "Function.ResponseSizeTooLarge", message: message), true)
                return .json(
                    413,
                    [
                        "errorMessage": "Exceeded maximum allowed payload size (6291556 bytes).",
                        "errorType": "RequestEntityTooLarge",
                    ])
            }
            // A streamed response that broke off tells so in its trailers.
            if let type = request.trailers["Lambda-Runtime-Function-Error-Type"] {
                state.result = (Self.document(type: type, message: "the response stream failed"), true)
            } else {
                state.result = (request.body, isError)
            }
            return .json(202, ["status": "OK"])
        }
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

    private static func document(type: String, message: String) -> Data {
        JSONValue.object(["errorType": .string(type), "errorMessage": .string(message)]).serialized()
    }

    private static func exitDocument(requestID: String?, _ exit: ChildExit) -> Data {
        let reason =
            exit == .exited(status: 0)
            ? "Runtime exited without providing a reason" : "Runtime exited with error: \(exit)"
        let prefix = requestID.map { "RequestId: \($0) " } ?? ""
        return document(type: "Runtime.ExitError", message: "\(prefix)Error: \(reason)")
    }

    private static func timeoutDocument(_ requestID: String, seconds: Int) -> Data {
        document(
            type: "Sandbox.Timedout",
            message: "RequestId: \(requestID) Error: Task timed out after \(seconds).00 seconds")
    }
}
