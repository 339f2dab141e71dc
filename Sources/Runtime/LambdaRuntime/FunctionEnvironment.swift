import CurlEventLoop
import Synchronization
import Telemetry

/// A configuration value that is missing or unusable.
public enum ConfigurationError: LambdaReportableError, Sendable, Equatable, CustomStringConvertible {
    /// A required environment variable is not set or empty.
    case missingVariable(String)
    /// A variable's value cannot be used; never quotes the value.
    case invalidVariable(String, reason: String)

    /// `Function.ConfigurationInvalid`.
    public var errorType: String { "Function.ConfigurationInvalid" }

    /// Names the variable.
    public var errorMessage: String {
        switch self {
        case .missingVariable(let name): "the environment variable \(name) is not set"
        case .invalidVariable(let name, let reason): "the environment variable \(name) is invalid: \(reason)"
        }
    }

    public var description: String { errorMessage }
}

/// What a function starts from: its environment variables, the event loop its I/O runs on, and a logger.
public struct FunctionEnvironment: Sendable {
    /// Where all asynchronous work of the function runs.
    public let loop: EventLoop
    /// The environment variables.
    public let variables: [String: String]
    /// Logs with the function's name on every line.
    public let logger: Logger
    let shutdownHooks = ShutdownHooks()

    /// An environment of these variables.
    public init(variables: [String: String], loop: EventLoop, logger: Logger) {
        self.variables = variables
        self.loop = loop
        self.logger = logger
    }

    /// What the function's configuration calls its handler (`_HANDLER`), for bootstraps that hold several.
    public var handlerName: String? { optional(RuntimeAPI.Variable.handler) }

    /// Registers work for the end of the environment (SIGTERM), such as closing connections.
    ///
    /// All hooks together have `ShutdownHooks.budgetMilliseconds`; then the process ends whatever they are doing.
    /// Lambda sends the signal only to functions with an extension, so the runtime registers one when there are hooks.
    public func onShutdown(_ operation: @escaping @Sendable () async -> Void) {
        shutdownHooks.add(operation)
    }

    /// A variable without which the function cannot work.
    public func required(_ name: String) throws(ConfigurationError) -> String {
        guard let value = optional(name) else { throw .missingVariable(name) }
        return value
    }

    /// A variable, when it is set and not empty.
    public func optional(_ name: String) -> String? {
        variables[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A positive whole number, or the default when the variable is not set.
    public func integer(_ name: String, default fallback: Int) throws(ConfigurationError) -> Int {
        guard let text = optional(name) else { return fallback }
        guard let value = Int(text), value > 0 else {
            throw .invalidVariable(name, reason: "not a positive whole number")
        }
        return value
    }
}
