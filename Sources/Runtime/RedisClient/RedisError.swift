import Wire

/// Why a Redis command gave no result. Redis is a cache in front of other stores: every caller can go on without it.
public enum RedisError: Error, Sendable, Equatable {
    /// The URL is not one of Redis. Says what is wrong, never the URL, which may hold a password.
    case invalidURL(String)
    /// Look-up, connecting, TLS or authentication failed.
    case connectFailed(String)
    /// No complete answer came in time; the command may have been carried out.
    case timedOut(String)
    /// The connection broke; the command may have been carried out.
    case connectionLost(String)
    /// The server refused the command; `code` is the first word of its answer, such as `WRONGTYPE` or `OOM`.
    case server(code: String, message: String)
    /// The server sent something that is not an answer to the command.
    case protocolViolation(String)
    /// A value to store or an answer was larger than this client takes.
    case tooLarge(limitBytes: Int)
}

extension RedisError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidURL(let reason): "Redis URL: \(reason)"
        case .connectFailed(let reason): "Redis: cannot connect: \(reason)"
        case .timedOut(let reason): "Redis: no answer in time: \(reason)"
        case .connectionLost(let reason): "Redis: connection lost: \(reason)"
        case .server(let code, let message): "Redis: refused: \(code) \(message)"
        case .protocolViolation(let reason): "Redis: protocol violation: \(reason)"
        case .tooLarge(let limit): "Redis: value larger than \(limit) bytes"
        }
    }
}

extension RedisError: SafelyDescribed {
    /// Without what the server says behind its code, which may quote the command.
    public var safeDescription: String {
        if case .server(let code, _) = self { "Redis: refused: \(code)" } else { description }
    }
}
