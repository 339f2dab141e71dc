import Foundation

/// All functions of a template, each with its own processes.
// @unchecked: the pools never change; the asynchronous queue is in a monitor.
public final class FunctionHost: @unchecked Sendable {
    /// How asynchronous invocations are retried.
    public struct AsynchronousRetries: Sendable {
        /// Waits before the second and third attempt; AWS takes one and two minutes.
        public var delaysMilliseconds: [Int64]

        /// Lambda keeps a throttled event for six hours, and waits one second at first and five minutes at most.
        static let throttleAgeMilliseconds: Int64 = 6 * 3_600_000
        static let firstThrottleDelayMilliseconds: Int64 = 1_000
        static let maximumThrottleDelayMilliseconds: Int64 = 300_000

        /// AWS's own delays.
        public static let aws = AsynchronousRetries(delaysMilliseconds: [60_000, 120_000])

        /// Other delays, as many as there are retries.
        public init(delaysMilliseconds: [Int64]) {
            self.delaysMilliseconds = delaysMilliseconds
        }
    }

    private let pools: [String: FunctionPool]
    private let names: LocalNames
    private let retries: AsynchronousRetries
    private let onEvent: @Sendable (FunctionEvent) -> Void
    private let isStopped = Monitor(false)

    /// Prepares the functions; no process runs yet.
    ///
    /// - Parameters:
    ///   - bootstrap: where a function's executable is.
    ///   - environment: what every process is told besides its own variables, such as where AWS is.
    ///   - throttleMilliseconds: how long an invocation waits while all processes are busy; `nil` is the emulator's
    ///     default.
    public init(
        functions: [FunctionDefinition], names: LocalNames, bootstrap: (FunctionDefinition) -> String,
        environment: [String: String], chaos: ChaosPlan = ChaosPlan(), retries: AsynchronousRetries = .aws,
        throttleMilliseconds: Int64? = nil,
        onEvent: @escaping @Sendable (FunctionEvent) -> Void
    ) {
        self.names = names
        self.retries = retries
        self.onEvent = onEvent
        pools = functions.reduce(into: [:]) { pools, function in
            let path = bootstrap(function)
            pools[function.name] = FunctionPool(
                definition: function, bootstrap: path, functionARN: names.functionARN(function.name),
                environment: LambdaEnvironment.variables(
                    for: function, bootstrap: path, region: names.account.region, shared: environment),
                chaos: chaos, throttleMilliseconds: throttleMilliseconds ?? FunctionPool.throttleMilliseconds,
                onEvent: onEvent)
        }
    }

    /// Names of the functions, sorted.
    public var functionNames: [String] { pools.keys.sorted() }

    /// Starts one process of every function at once.
    ///
    /// - Returns: what could not start and why.
    public func warmUp() -> [String: String] {
        let failures = Monitor<[String: String]>([:])
        let group = DispatchGroup()
        for (name, pool) in pools {
            group.enter()
            let thread = Thread {
                if let failure = pool.warmUp() { failures.withLock { $0[name] = failure } }
                group.leave()
            }
            thread.start()
        }
        group.wait()
        return failures.read { $0 }
    }

    /// Runs one synchronous invocation.
    public func invoke(_ name: String, _ request: InvocationRequest) throws(InvocationRefusal) -> InvocationResult {
        try pool(name).invoke(request)
    }

    /// Whether there is such a function, without running anything.
    public func hasFunction(_ name: String) -> Bool { (try? pool(name)) != nil }

    /// Takes one asynchronous invocation; errors are retried twice with the same request id.
    public func invokeLater(_ name: String, _ request: InvocationRequest) throws(InvocationRefusal) {
        let pool = try pool(name)
        let thread = Thread { [self] in
            var result = invokeUnthrottled(pool, request)
            for delay in retries.delaysMilliseconds where result?.functionError != nil {
                guard pause(delay) else { return }
                result = invokeUnthrottled(pool, request)
            }
        }
        thread.name = "async-\(name)"
        thread.start()
    }

    /// Tries again while the function is throttled, which uses no retry up; `nil` when it stays so or all is stopped.
    private func invokeUnthrottled(_ pool: FunctionPool, _ request: InvocationRequest) -> InvocationResult? {
        let deadline = EmulatorClock.nowMilliseconds() + AsynchronousRetries.throttleAgeMilliseconds
        var delay = AsynchronousRetries.firstThrottleDelayMilliseconds
        while EmulatorClock.nowMilliseconds() < deadline {
            if let result = try? pool.invoke(request) { return result }
            guard pause(delay) else { return nil }
            delay = min(delay * 2, AsynchronousRetries.maximumThrottleDelayMilliseconds)
        }
        return nil
    }

    /// Waits; `false` when everything is stopped meanwhile.
    private func pause(_ milliseconds: Int64) -> Bool {
        isStopped.wait(untilMilliseconds: EmulatorClock.nowMilliseconds() + milliseconds) { $0 ? true : nil } == nil
    }

    /// Process ids of everything that runs now, by function.
    public var processIDs: [String: [Int32]] { pools.mapValues(\.processIDs) }

    /// Ends every process; those that have registered an extension get their time all at once.
    public func stop() {
        isStopped.withLock { $0 = true }
        let instances = pools.values.flatMap { $0.beginStop() }
        let deadline = EmulatorClock.nowMilliseconds() + RuntimeLimits.shutdownMilliseconds
        for instance in instances { instance.finishStop(deadlineMilliseconds: deadline) }
    }

    private func pool(_ name: String) throws(InvocationRefusal) -> FunctionPool {
        // A name may come as ARN or with a qualifier.
        let parts = name.split(separator: ":").map(String.init)
        let short = parts.count >= 7 && parts[0] == "arn" ? parts[6] : parts.first ?? name
        guard let pool = pools[short] else { throw .unknownFunction(name: name, known: functionNames) }
        return pool
    }
}
