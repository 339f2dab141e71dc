import Foundation

/// The processes of one function: idle ones are used again, more are started when all are busy.
// @unchecked: the instances are in a monitor; the rest is immutable.
public final class FunctionPool: @unchecked Sendable {
    /// Limit of Lambda's init phase for on-demand functions.
    static let initTimeoutMilliseconds: Int64 = 10_000
    /// Most processes of one function on this machine, when the template reserves none.
    static let defaultConcurrency = 10
    /// How long an invocation waits for a process that has answered but not yet asked for the next event.
    static let reuseMilliseconds: Int64 = 250
    /// How long an invocation waits while all processes are busy. Lambda throttles at once, but has a thousand.
    static let throttleMilliseconds: Int64 = 5_000
    /// Lambda starts a failed init once more within the invocation that met it ("suppressed init"), and gives it then
    /// as long as the function may take.
    private var initTimeoutsMilliseconds: [Int64] {
        [Self.initTimeoutMilliseconds, Int64(definition.timeoutSeconds) * 1000]
    }
    /// How many processes may end before they fetched the event: idle ones may be found dead, but a function whose
    /// processes never fetch anything must not be started for ever.
    static let deliveryAttempts = 5

    private struct State {
        var idle: [FunctionInstance] = []
        var busy: [ObjectIdentifier: FunctionInstance] = [:]
        /// Started, have not asked for an event yet.
        var beginning: [ObjectIdentifier: FunctionInstance] = [:]
        /// Places taken by starts, whether or not there is a process yet.
        var starts = 0
        var delivered = 0
        var isStopped = false

        var count: Int { idle.count + busy.count + starts }
    }

    /// What an invocation gets when it asks for a process.
    private enum Place {
        case instance(FunctionInstance)
        /// It may start one; the place is taken.
        case start
        case stopped
    }

    private enum Unavailable: Error {
        case throttled
        case failed(document: Data)
    }

    /// The function.
    public let definition: FunctionDefinition
    private let bootstrap: String
    private let functionARN: String
    private let environment: [String: String]
    private let chaos: ChaosPlan
    private let throttleMilliseconds: Int64
    private let onEvent: @Sendable (FunctionEvent) -> Void
    private let monitor = Monitor(State())

    init(
        definition: FunctionDefinition, bootstrap: String, functionARN: String, environment: [String: String],
        chaos: ChaosPlan, throttleMilliseconds: Int64, onEvent: @escaping @Sendable (FunctionEvent) -> Void
    ) {
        self.definition = definition
        self.bootstrap = bootstrap
        self.functionARN = functionARN
        self.environment = environment
        self.chaos = chaos
        self.throttleMilliseconds = throttleMilliseconds
        self.onEvent = onEvent
    }

    /// Starts one process ahead of the first invocation, so that a function that cannot start is seen at once.
    ///
    /// - Returns: what is wrong, or `nil`.
    func warmUp() -> String? {
        switch acquire(for: nil) {
        case .success(let instance):
            release(instance)
            return nil
        // Busy processes have started.
        case .failure(.throttled): return nil
        case .failure(.failed(let document)): return Self.message(document)
        }
    }

    /// Runs one invocation in an idle or new process.
    public func invoke(_ request: InvocationRequest) throws(InvocationRefusal) -> InvocationResult {
        let result = try deliver(request)
        onEvent(.invoked(function: definition.name, result: result))
        return result
    }

    private func deliver(_ request: InvocationRequest) throws(InvocationRefusal) -> InvocationResult {
        func failed(_ document: Data) -> InvocationResult {
            InvocationResult(requestID: request.requestID, payload: document, functionError: "Unhandled")
        }
        var document = ErrorDocument.stopping
        for _ in 0..<Self.deliveryAttempts {
            let instance: FunctionInstance
            switch acquire(for: request.requestID) {
            case .success(let acquired): instance = acquired
            case .failure(.throttled): throw .throttled(function: definition.name)
            case .failure(.failed(let document)): return failed(document)
            }
            let result = instance.invoke(request) { strike(instance) }
            release(instance)
            if let result { return result }
            if let exit = instance.exitResult {
                document = ErrorDocument.exit(requestID: request.requestID, exit)
            }
        }
        return failed(document)
    }

    /// Counts a delivery, and kills when the plan says so.
    private func strike(_ instance: FunctionInstance) {
        let number = monitor.withLock { state in
            state.delivered += 1
            return state.delivered
        }
        chaos.strike(definition.name, invocation: number) { instance.kill() }
    }

    /// Process ids of everything that runs now.
    public var processIDs: [Int32] {
        monitor.read { ($0.idle + $0.busy.values).map(\.processID) }
    }

    /// Tells every process to end, also those that have not finished their start.
    ///
    /// - Returns: what is to be finished with `finishStop`.
    func beginStop() -> [FunctionInstance] {
        let instances = monitor.withLock { state in
            defer {
                state.idle = []
                state.isStopped = true
            }
            return state.idle + state.busy.values + state.beginning.values
        }
        for instance in instances { instance.beginStop() }
        return instances
    }

    /// A process for an invocation; `nil` when it is to be there ahead of any.
    private func acquire(for requestID: String?) -> Result<FunctionInstance, Unavailable> {
        let limit = definition.reservedConcurrency ?? Self.defaultConcurrency
        func place(within milliseconds: Int64, waitsForPending: Bool) -> Place? {
            monitor.wait(untilMilliseconds: EmulatorClock.nowMilliseconds() + milliseconds) { state in
                Self.take(&state, orStartBelow: limit, waitsForPending: waitsForPending)
            }
        }
        // One that has just answered asks for its next event in a moment: cheaper to wait for than a cold start.
        let found =
            place(within: Self.reuseMilliseconds, waitsForPending: true)
            ?? place(within: throttleMilliseconds, waitsForPending: false)
        switch found {
        case .instance(let instance): return .success(instance)
        case .start: return start(for: requestID)
        case .stopped: return .failure(.failed(document: ErrorDocument.stopping))
        case nil: return .failure(.throttled)
        }
    }

    /// A process that waits for an event, or the right to start one; `nil` to wait.
    private static func take(_ state: inout State, orStartBelow limit: Int, waitsForPending: Bool) -> Place? {
        if state.isStopped { return .stopped }
        state.idle.removeAll { $0.isGone }
        if let index = state.idle.lastIndex(where: \.isReady) {
            let instance = state.idle.remove(at: index)
            state.busy[ObjectIdentifier(instance)] = instance
            return .instance(instance)
        }
        if waitsForPending && !state.idle.isEmpty { return nil }
        guard state.count < limit else { return nil }
        state.starts += 1
        return .start
    }

    private func release(_ instance: FunctionInstance) {
        let isStopped = monitor.withLock { state in
            state.busy[ObjectIdentifier(instance)] = nil
            if !state.isStopped { state.idle.append(instance) }
            return state.isStopped
        }
        if isStopped { instance.stop() }
    }

    private static func message(_ document: Data) -> String {
        InvocationResult(requestID: "", payload: document, functionError: "Unhandled").errorMessage ?? ""
    }
}

// MARK: - Starting a process

extension FunctionPool {
    private func start(for requestID: String?) -> Result<FunctionInstance, Unavailable> {
        var document = ErrorDocument.stopping
        for timeout in initTimeoutsMilliseconds where !monitor.read({ $0.isStopped }) {
            let instance: FunctionInstance
            do { instance = try makeInstance() } catch {
                document = ErrorDocument.make(type: "Runtime.InvalidEntrypoint", message: "\(error)")
                onEvent(.initFailed(function: definition.name, message: "\(error)", lastLines: []))
                continue
            }
            onEvent(.started(function: definition.name, processID: instance.processID))
            guard let failure = waitUntilReady(instance, timeoutMilliseconds: timeout, requestID) else {
                return .success(instance)
            }
            document = failure
        }
        monitor.withLock { $0.starts -= 1 }
        return .failure(.failed(document: document))
    }

    private func makeInstance() throws -> FunctionInstance {
        let name = definition.name
        return try FunctionInstance(
            definition: definition, bootstrap: bootstrap, functionARN: functionARN, environment: environment,
            onLine: { [onEvent] line in onEvent(.line(function: name, text: line)) },
            // Whoever waits for an idle instance looks again.
            onStateChange: { [weak self] in self?.monitor.notifyAll() },
            onCrash: { [onEvent] crash in
                onEvent(
                    .crashed(
                        function: name, exit: crash.exit, requestID: crash.requestID, lastLines: crash.lastLines))
            })
    }

    /// Waits until the process asks for its first event, and makes its place a busy one.
    ///
    /// - Returns: `nil` when it is ready, else the error document; the process is then ended.
    private func waitUntilReady(_ instance: FunctionInstance, timeoutMilliseconds: Int64, _ requestID: String?)
        -> Data?
    {
        let identifier = ObjectIdentifier(instance)
        let isStopped = monitor.withLock { state in
            state.beginning[identifier] = instance
            return state.isStopped
        }
        if isStopped { instance.stop() }
        let failure = instance.waitUntilReady(timeoutMilliseconds: timeoutMilliseconds, requestID: requestID)
        let wasStopped = monitor.withLock { state in
            state.beginning[identifier] = nil
            if failure == nil {
                state.starts -= 1
                state.busy[identifier] = instance
            }
            return state.isStopped
        }
        guard let failure else { return nil }
        // Its last lines belong to the report.
        if !wasStopped { instance.process?.waitForExit(timeoutMilliseconds: 1_000) }
        instance.kill()
        instance.stop()
        guard !wasStopped else { return ErrorDocument.stopping }
        onEvent(
            .initFailed(
                function: definition.name, message: Self.message(failure), lastLines: instance.lastLines))
        return failure
    }
}
