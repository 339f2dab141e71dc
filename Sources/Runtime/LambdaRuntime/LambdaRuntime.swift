import CSignals
import CurlEventLoop
import LambdaEvents
import Telemetry

#if canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The life of a custom-runtime function: start, serve, end with the environment.
///
/// `run` is the last statement of a `main.swift`. Its closure makes the handler before the first invocation is asked
/// for. When it throws, the failure is logged in one line, reported to `init/error`, and the process exits with status
/// 1. The same status ends a process whose Runtime API is gone, so that no orphan is left behind. SIGTERM runs the
/// shutdown hooks and ends the process with status 0.
public enum LambdaRuntime {
    /// Starts a function that does I/O, and serves its invocations.
    public static func run<Handler: LambdaHandler>(
        _ start: @escaping @Sendable (FunctionEnvironment) async throws -> Handler
    ) -> Never {
        serve { environment, _ in
            AsynchronousServer(
                handler: try environment.loop.run { try await start(environment) }, loop: environment.loop)
        }
    }

    /// Starts a function that waits for nothing, and serves its invocations.
    public static func run<Handler: SynchronousLambdaHandler>(
        _ start: (FunctionEnvironment) throws -> Handler
    ) -> Never {
        serve { environment, _ in SynchronousServer(handler: try start(environment)) }
    }

    /// Starts a function that streams its responses, and serves its invocations.
    public static func run<Handler: StreamingLambdaHandler>(
        _ start: @escaping @Sendable (FunctionEnvironment) async throws -> Handler
    ) -> Never {
        serve { environment, address in
            let handler = try environment.loop.run { try await start(environment) }
            return StreamingServer(handler: handler, loop: environment.loop, address: address)
        }
    }

    private static func serve<Server: InvocationServer>(
        _ start: (FunctionEnvironment, RuntimeAPIAddress) throws -> Server
    ) -> Never {
        let variables = ProcessEnvironment.variables()
        let logger = Logger(lambdaVariables: variables)
        fincore_termination_install()
        do {
            guard let address = variables[RuntimeAPI.Variable.address], !address.isEmpty else {
                throw ConfigurationError.missingVariable(RuntimeAPI.Variable.address)
            }
            let client = RuntimeAPIClient(address: address)
            prepareCrashReports(client)
            let environment = FunctionEnvironment(variables: variables, logger: logger)
            let server = try started(client) { try start(environment, client.address) }
            try serveUntilTerminated(environment, client, server)
            // A function without hooks may never have made its event loop.
            if !environment.shutdownHooks.isEmpty {
                environment.shutdownHooks.run(on: environment.loop, logger: logger)
            }
            exit(0)
        } catch {
            logger.fatal("the function ends", ["error": .string("\(error)")])
            exit(1)
        }
    }

    /// The result of the function's own start, or its failure after Lambda was told.
    private static func started<Server>(_ client: RuntimeAPIClient, _ start: () throws -> Server) throws -> Server {
        do {
            return try start()
        } catch {
            let report = ErrorReport(error, fallbackType: RunLoopFailure.initialization)
            throw InitializationFailure(report: report, reporting: reportInitialization(report, client))
        }
    }

    private static func serveUntilTerminated(
        _ environment: FunctionEnvironment, _ client: RuntimeAPIClient, _ server: some InvocationServer
    ) throws(RuntimeAPIError) {
        do throws(RuntimeAPIError) {
            try resumeFromSnapshot(environment, client)
            let shutdown = registerShutdown(environment, client.address)
            defer { withExtendedLifetime(shutdown) {} }
            fincore_crash_report_end()
            try RunLoop(client: client, server: server, logger: environment.logger).serve()
        } catch {
            if case .terminated = error { return }
            throw error
        }
    }

    /// A crash of the function's own start is a failed initialization; so the connection is made before it.
    private static func prepareCrashReports(_ client: RuntimeAPIClient) {
        fincore_crash_report_install(client.address.runtimePath, client.address.host)
        // A Runtime API that cannot be reached is the next request's error: first the function says what is wrong with it.
        guard (try? client.connect()) != nil else { return }
        fincore_crash_report_begin_start()
    }

    /// Where the environment is started from a snapshot, it is taken now, and the hooks run when it is restored.
    private static func resumeFromSnapshot(
        _ environment: FunctionEnvironment, _ client: RuntimeAPIClient
    ) throws(RuntimeAPIError) {
        guard environment.variables[RuntimeAPI.Variable.initializationType] == "snap-start" else { return }
        try client.waitForRestore()
        do {
            try environment.restoreHooks.run(on: environment.loop)
        } catch {
            let report = ErrorReport(error, fallbackType: RunLoopFailure.restore)
            _ = try client.failRestore(report)
            throw .gone(operation: "restore", reason: "\(report.errorType): \(report.errorMessage)")
        }
    }

    /// Makes Lambda send SIGTERM when the function wants to know.
    private static func registerShutdown(
        _ environment: FunctionEnvironment, _ address: RuntimeAPIAddress
    ) -> ShutdownExtension? {
        guard !environment.shutdownHooks.isEmpty else { return nil }
        do throws(ConnectionError) {
            return try ShutdownExtension(address)
        } catch {
            environment.logger.warning(
                "no extension could be registered: Lambda ends this environment without a signal",
                ["error": .string(error.description)])
            return nil
        }
    }

    /// Tells Lambda; what is wrong with the function must be said also when Lambda does not listen.
    ///
    /// - Returns: why the report did not arrive, or `nil`.
    private static func reportInitialization(_ report: ErrorReport, _ client: RuntimeAPIClient) -> String? {
        do throws(RuntimeAPIError) {
            let outcome = try client.failInitialization(report)
            return outcome == .accepted ? nil : "init/error was refused"
        } catch {
            return error.description
        }
    }
}

extension Logger {
    /// A logger as Lambda's variables ask for it; without them JSON lines on standard error from level INFO.
    init(lambdaVariables variables: [String: String]) {
        var fields: [String: LogValue] = [:]
        if let name = variables[RuntimeAPI.Variable.functionName] { fields["function"] = .string(name) }
        let level = variables[RuntimeAPI.Variable.logLevel].flatMap(LogLevel.init(named:))
        let format = variables[RuntimeAPI.Variable.logFormat].flatMap(LogFormat.init(named:))
        let descriptor = variables[RuntimeAPI.Variable.logDescriptor].flatMap(Int32.init)
        self.init(
            minimumLevel: level ?? .info, format: format ?? .json, fields: fields,
            output: descriptor.map { .lambdaChannel(FramedLog(descriptor: $0)) } ?? .standardError)
    }
}

/// A start that failed.
private struct InitializationFailure: Error, CustomStringConvertible {
    let report: ErrorReport
    /// Why Lambda does not know; `nil` when it does.
    let reporting: String?

    var description: String {
        "\(report.errorType): \(report.errorMessage)" + (reporting.map { " (not reported: \($0))" } ?? "")
    }
}
