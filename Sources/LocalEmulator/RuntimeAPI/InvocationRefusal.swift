/// Why an invocation did not reach a function; the function has not seen the event.
public enum InvocationRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is no such function.
    case unknownFunction(name: String, known: [String])
    /// Every process the function may have stayed busy for as long as an invocation waits.
    case throttled(function: String)

    public var description: String {
        switch self {
        case .unknownFunction(let name, let known):
            "there is no function \(name); the template has \(known.sorted().joined(separator: ", "))"
        case .throttled(let function): "function \(function) is throttled: all its processes are busy"
        }
    }
}
