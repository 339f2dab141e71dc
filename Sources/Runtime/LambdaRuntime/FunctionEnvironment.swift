import CurlEventLoop
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
    /// Where all asynchronous work of the function runs; made when it is first asked for.
    public var loop: EventLoop { lazyLoop.loop }
    /// The environment variables.
    public let variables: [String: String]
    /// Logs with the function's name on every line.
    public let logger: Logger
    private let lazyLoop: LazyEventLoop
    let shutdownHooks = ShutdownHooks()
    let restoreHooks = RestoreHooks()

    /// An environment of these variables.
    public init(variables: [String: String], loop: EventLoop, logger: Logger) {
        self.variables = variables
        lazyLoop = LazyEventLoop(loop)
        self.logger = logger
    }

    /// The environment of this process.
    init(variables: [String: String], logger: Logger) {
        self.variables = variables
        lazyLoop = LazyEventLoop(nil)
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

    /// Registers work for the moment after a snapshot of the environment was restored (SnapStart), such as opening
    /// connections anew. An error is reported to `restore/error` and ends the process.
    public func onRestore(_ operation: @escaping @Sendable () async throws -> Void) {
        restoreHooks.add(operation)
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
