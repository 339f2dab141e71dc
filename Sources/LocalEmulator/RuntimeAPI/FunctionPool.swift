import Foundation

/// What happens to functions, for whoever shows or tests it.
public enum FunctionEvent: Sendable {
    /// A process was started.
    case started(function: String, processID: Int32)
    /// A process could not start its function.
    case initFailed(function: String, message: String, lastLines: [String])
    /// A process ended that nobody had stopped.
    case crashed(function: String, exit: ChildExit, requestID: String?, lastLines: [String])
    /// An invocation is over.
    case invoked(function: String, result: InvocationResult)
    /// A line of the function's output.
    case line(function: String, text: String)
}

/// The processes of one function: idle ones are used again, more are started when all are busy.
// @unchecked: the instances are in a monitor; the rest is immutable.
public final class FunctionPool: @unchecked Sendable {
    /// Limit of Lambda's init phase for on-demand functions.
    static let initTimeoutMilliseconds: Int64 = 10_000
    /// Most processes of one function on this machine, when the template reserves none.
    static let defaultConcurrency = 10
    /// How long an invocation waits for a process that has answered but not yet asked for the next event.
    static let reuseMilliseconds: Int64 = 250
    /// Lambda starts a failed init once more within the invocation that met it ("suppressed init").
    static let initAttempts = 2

    private struct State {
        var idle: [FunctionInstance] = []
        var busy: [ObjectIdentifier: FunctionInstance] = [:]
        var starting = 0
        var delivered = 0
        var isStopped = false
    }

    /// The function.
    public let definition: FunctionDefinition
    private let bootstrap: String
    private let functionARN: String
    private let environment: [String: String]
    private let chaos: ChaosPlan
    private let onEvent: @Sendable (FunctionEvent) -> Void
    private let monitor = Monitor(State())

    init(
        definition: FunctionDefinition, bootstrap: String, functionARN: String, environment: [String: String],
        chaos: ChaosPlan, onEvent: @escaping @Sendable (FunctionEvent) -> Void
    ) {
        self.definition = definition
        self.bootstrap = bootstrap
        self.functionARN = functionARN
        self.environment = environment
        self.chaos = chaos
        self.onEvent = onEvent
    }

    /// Starts one process ahead of the first invocation, so that a function that cannot start is seen at once.
    ///
    /// - Returns: what is wrong, or `nil`.
    func warmUp() -> String? {
        switch acquire() {
        case .success(let instance):
            release(instance)
            return nil
        case .failure(let failure):
            return InvocationResult(
                requestID: "", payload: failure.document, functionError: "Unhandled"
            ).errorMessage
        }
    }

    /// Runs one invocation in an idle or new process.
    public func invoke(_ request: InvocationRequest) -> InvocationResult {
        let result = deliver(request)
        onEvent(.invoked(function: definition.name, result: result))
        return result
    }

    private func deliver(_ request: InvocationRequest) -> InvocationResult {
        while true {
            let instance: FunctionInstance
            switch acquire() {
            case .success(let acquired): instance = acquired
            case .failure(let failure):
                return InvocationResult(
                    requestID: request.requestID, payload: failure.document, functionError: "Unhandled")
            }
            let result = instance.invoke(request) {
                let number = monitor.withLock { state in
                    state.delivered += 1
                    return state.delivered
                }
                chaos.strike(definition.name, invocation: number) { instance.kill() }
            }
            release(instance)
            if let result { return result }
        }
    }

    /// Process ids of everything that runs now.
    public var processIDs: [Int32] {
        monitor.read { ($0.idle + $0.busy.values).map(\.processID) }
    }

    /// Ends every process.
    func stop() {
        let instances = monitor.withLock { state in
            defer {
                state.idle = []
                state.isStopped = true
            }
            return state.idle + state.busy.values
        }
        for instance in instances { instance.stop() }
    }

    private struct StartFailure: Error {
        let document: Data
    }

    private func acquire() -> Result<FunctionInstance, StartFailure> {
        let limit = definition.reservedConcurrency ?? Self.defaultConcurrency
        // One that has just answered asks for its next event in a moment: cheaper to wait for than a cold start.
        let idle: FunctionInstance?? =
            monitor.wait(untilMilliseconds: EmulatorClock.nowMilliseconds() + Self.reuseMilliseconds) { state in
                Self.takeIdle(&state, orStartBelow: limit, waitsForPending: true)
            }
            ?? monitor.wait(untilMilliseconds: nil) { state in
                Self.takeIdle(&state, orStartBelow: limit, waitsForPending: false)
            }
        if let instance = idle ?? nil { return .success(instance) }
        if monitor.read({ $0.isStopped }) {
            return .failure(StartFailure(document: Data("{\"errorMessage\":\"the emulator stops\"}".utf8)))
        }
        defer { monitor.withLock { $0.starting -= 1 } }
        return start()
    }

    /// An idle instance; `.some(nil)` when one may be started (and is counted as starting); `nil` to wait.
    private static func takeIdle(_ state: inout State, orStartBelow limit: Int, waitsForPending: Bool)
        -> FunctionInstance??
    {
        if state.isStopped { return .some(nil) }
        state.idle.removeAll { $0.isGone }
        if let index = state.idle.lastIndex(where: \.isReady) {
            let instance = state.idle.remove(at: index)
            state.busy[ObjectIdentifier(instance)] = instance
            return instance
        }
        if waitsForPending && !state.idle.isEmpty { return nil }
        guard state.idle.count + state.busy.count + state.starting < limit else { return nil }
        state.starting += 1
        return .some(nil)
    }

    private func start() -> Result<FunctionInstance, StartFailure> {
        var document = Data()
        for _ in 0..<Self.initAttempts {
            do {
                let name = definition.name
                let instance = try FunctionInstance(
                    definition: definition, bootstrap: bootstrap, functionARN: functionARN, environment: environment,
                    onLine: { [onEvent] line in onEvent(.line(function: name, text: line)) },
                    // Whoever waits for an idle instance looks again.
                    onStateChange: { [weak self] in self?.monitor.notifyAll() },
                    onCrash: { [onEvent] crash in
                        onEvent(
                            .crashed(
                                function: name, exit: crash.exit, requestID: crash.requestID,
                                lastLines: crash.lastLines))
                    })
                onEvent(.started(function: name, processID: instance.processID))
                guard let error = instance.waitUntilReady(timeoutMilliseconds: Self.initTimeoutMilliseconds) else {
                    monitor.withLock { $0.busy[ObjectIdentifier(instance)] = instance }
                    return .success(instance)
                }
                document = error
                instance.process?.waitForExit(timeoutMilliseconds: 1_000)
                instance.stop()
                onEvent(
                    .initFailed(
                        function: name,
                        message: InvocationResult(requestID: "", payload: error, functionError: "Unhandled")
                            .errorMessage ?? "", lastLines: instance.lastLines))
            } catch {
                document = JSONValue.object([
                    "errorType": "Runtime.InvalidEntrypoint", "errorMessage": .string("\(error)"),
                ]).serialized()
                onEvent(.initFailed(function: definition.name, message: "\(error)", lastLines: []))
            }
        }
        return .failure(StartFailure(document: document))
    }

    private func release(_ instance: FunctionInstance) {
        let isStopped = monitor.withLock { state in
            state.busy[ObjectIdentifier(instance)] = nil
            if !state.isStopped { state.idle.append(instance) }
            return state.isStopped
        }
        if isStopped { instance.stop() }
    }
}
