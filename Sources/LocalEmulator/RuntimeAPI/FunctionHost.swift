import Foundation

/// Why a function could not be invoked at all.
public struct FunctionNotFound: Error, Sendable, CustomStringConvertible {
    /// The name that was asked for.
    public let name: String
    /// The functions there are.
    public let known: [String]

    public var description: String {
        "there is no function \(name); the template has \(known.sorted().joined(separator: ", "))"
    }
}

/// All functions of a template, each with its own processes.
// @unchecked: the pools never change; the asynchronous queue is in a monitor.
public final class FunctionHost: @unchecked Sendable {
    /// How asynchronous invocations are retried.
    public struct AsynchronousRetries: Sendable {
        /// Waits before the second and third attempt; AWS takes one and two minutes.
        public var delaysMilliseconds: [Int64]

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
    public init(
        functions: [FunctionDefinition], names: LocalNames, bootstrap: (FunctionDefinition) -> String,
        environment: [String: String], chaos: ChaosPlan = ChaosPlan(), retries: AsynchronousRetries = .aws,
        onEvent: @escaping @Sendable (FunctionEvent) -> Void
    ) {
        self.names = names
        self.retries = retries
        self.onEvent = onEvent
        pools = functions.reduce(into: [:]) { pools, function in
            pools[function.name] = FunctionPool(
                definition: function, bootstrap: bootstrap(function), functionARN: names.functionARN(function.name),
                environment: LambdaEnvironment.variables(
                    for: function, region: names.account.region, shared: environment),
                chaos: chaos, onEvent: onEvent)
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
    public func invoke(_ name: String, _ request: InvocationRequest) throws(FunctionNotFound) -> InvocationResult {
        try pool(name).invoke(request)
    }

    /// Takes one asynchronous invocation; errors are retried twice with the same request id.
    public func invokeLater(_ name: String, _ request: InvocationRequest) throws(FunctionNotFound) {
        let pool = try pool(name)
        let thread = Thread { [self] in
            var delays = retries.delaysMilliseconds[...]
            while pool.invoke(request).functionError != nil, let delay = delays.popFirst() {
                let stopped = isStopped.wait(untilMilliseconds: EmulatorClock.nowMilliseconds() + delay) {
                    $0 ? true : nil
                }
                if stopped == true { return }
            }
        }
        thread.name = "async-\(name)"
        thread.start()
    }

    /// Process ids of everything that runs now, by function.
    public var processIDs: [String: [Int32]] { pools.mapValues(\.processIDs) }

    /// Ends every process.
    public func stop() {
        isStopped.withLock { $0 = true }
        for pool in pools.values { pool.stop() }
    }

    private func pool(_ name: String) throws(FunctionNotFound) -> FunctionPool {
        // A name may come as ARN or with a qualifier.
        let parts = name.split(separator: ":").map(String.init)
        let short = parts.count >= 7 && parts[0] == "arn" ? parts[6] : parts.first ?? name
        guard let pool = pools[short] else { throw FunctionNotFound(name: name, known: functionNames) }
        return pool
    }
}

/// The environment variables a process finds in Lambda.
enum LambdaEnvironment {
    static func variables(for function: FunctionDefinition, region: String, shared: [String: String])
        -> [String: String]
    {
        var variables = [
            "_HANDLER": function.handler,
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": String(function.memoryMegabytes),
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/\(function.name)",
            "AWS_LAMBDA_LOG_STREAM_NAME": "local",
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PATH": "/usr/local/bin:/usr/bin/:/bin:/opt/bin",
        ]
        variables.merge(shared) { _, new in new }
        variables.merge(function.variables) { _, new in new }
        return variables
    }
}
