/// Why an exchange over a connection came to nothing.
enum ConnectionError: Error, Equatable, CustomStringConvertible {
    /// No connection could be made.
    case notConnected(String)
    /// The connection ended or broke; before the first byte of the response, or after it.
    case broken(String, hasBegun: Bool)
    /// What came is no HTTP/1.1 response, or is larger than any the Runtime API sends.
    case malformed(String)

    var description: String {
        switch self {
        case .notConnected(let reason): "no connection: \(reason)"
        case .broken(let reason, let hasBegun):
            hasBegun ? "the connection broke in the middle of a response: \(reason)" : "the connection broke: \(reason)"
        case .malformed(let reason): "the response is malformed: \(reason)"
        }
    }
}
