import FoundationEssentials
import HTTPClient
import LambdaEvents
import Telemetry

#if canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The life of a custom-runtime function: start, serve, end with the environment.
public enum LambdaRuntime {
    /// Starts a function and serves its invocations; the last statement of a `main.swift`.
    ///
    /// `start` runs before the first invocation is asked for. When it throws, the failure is logged in one line,
    /// reported to `init/error`, and the process exits with status 1. The same status ends a process whose Runtime
    /// API is gone, so that no orphan is left behind.
    public static func run<Handler: LambdaHandler>(
        _ start: @escaping @Sendable (FunctionEnvironment) async throws -> Handler
    ) -> Never {
        let variables = ProcessInfo.processInfo.environment
        let logger = makeLogger(variables)
        do {
            guard let address = variables[RuntimeAPI.Variable.address], !address.isEmpty else {
                throw ConfigurationError.missingVariable(RuntimeAPI.Variable.address)
            }
            let client = try RuntimeAPIClient(address: address)
            let loop = EventLoop()
            let environment = FunctionEnvironment(variables: variables, loop: loop, logger: logger)
            let handler: Handler
            do {
                handler = try loop.run { try await start(environment) }
            } catch {
                let report = ErrorReport(error, fallbackType: "Function.InitializationFailed")
                let failure = InitializationFailure(report: report, reporting: reportInitialization(report, client))
                throw failure
            }
            try RunLoop(client: client, handler: handler, loop: loop, logger: logger).serve()
        } catch {
            logger.error("the function ends", ["error": .string("\(error)")])
            exit(1)
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

    private static func makeLogger(_ variables: [String: String]) -> Logger {
        let level = variables[RuntimeAPI.Variable.logLevel].flatMap { LogLevel(rawValue: $0.uppercased()) }
        var fields: [String: LogValue] = [:]
        if let name = variables[RuntimeAPI.Variable.functionName] { fields["function"] = .string(name) }
        return Logger(minimumLevel: level ?? .info, fields: fields)
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
