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
