import Wire

/// What the server said when it refused a statement.
///
/// The server's DETAIL and CONTEXT fields are left out on purpose: they quote rows, and rows do not belong into logs.
public struct PostgresServerFailure: Error, Sendable, Equatable {
    /// The five characters of the SQLSTATE (PostgreSQL manual, appendix A).
    public let sqlState: String
    /// The primary message.
    public let message: String
    /// The violated constraint's name, when one was violated.
    public let constraint: String?

    /// A failure as the server reported it.
    public init(sqlState: String, message: String, constraint: String?) {
        self.sqlState = sqlState
        self.message = message
        self.constraint = constraint
    }
}

/// Why a database call failed.
public enum PostgresError: Error, Sendable, Equatable {
    /// The parameters themselves are wrong; nothing was tried.
    case invalidParameters(String)
    /// No connection could be made: the server saw no statement.
    case connectionFailed(String)
    /// The server refused the account: SQLSTATE 28P01 (wrong password) or 28000. It saw no statement.
    case authenticationFailed(String)
    /// The connection broke during a statement: the server may or may not have carried it out.
    case connectionLost(String)
    /// The server refused the statement; the transaction it was part of is rolled back.
    case server(PostgresServerFailure)
    /// A value cannot be sent at all: a text with a zero byte.
    case unsendableValue(String)
    /// A result does not have the shape the caller expects: a missing column, a NULL, an unreadable number.
    case unexpectedResult(String)

    /// The SQLSTATE, when the server gave one.
    public var sqlState: String? {
        if case .server(let failure) = self { failure.sqlState } else { nil }
    }

    /// Whether the data of the statement are at fault, so that the same statement fails again however often it is
    /// sent: SQLSTATE classes 22 (data exception), 23 (integrity constraint violation) and 54 (a value larger than an
    /// index holds), or an unsendable value.
    public var isCausedByData: Bool {
        switch self {
        case .server(let failure): ["22", "23", "54"].contains(failure.sqlState.prefix(2))
        case .unsendableValue: true
        case .invalidParameters, .connectionFailed, .authenticationFailed, .connectionLost, .unexpectedResult: false
        }
    }
}

extension PostgresError: CustomStringConvertible {
    /// One line for a log: what failed and, where the server said so, its SQLSTATE.
    public var description: String {
        switch self {
        case .invalidParameters(let detail): "PostgreSQL parameters: \(detail)"
        case .connectionFailed(let detail): "cannot connect to PostgreSQL: \(detail)"
        case .authenticationFailed(let detail): "PostgreSQL refuses the account: \(detail)"
        case .connectionLost(let detail): "the PostgreSQL connection broke: \(detail)"
        case .server(let failure):
            "PostgreSQL \(failure.sqlState): \(failure.message)"
                + (failure.constraint.map { " (constraint \($0))" } ?? "")
        case .unsendableValue(let detail): "value PostgreSQL cannot hold: \(detail)"
        case .unexpectedResult(let detail): "unexpected PostgreSQL result: \(detail)"
        }
    }
}

extension PostgresError: SafelyDescribed {
    /// Without the message of a data exception (SQLSTATE class 22), which quotes the value.
    public var safeDescription: String {
        guard case .server(let failure) = self, failure.sqlState.hasPrefix("22") else { return description }
        return "PostgreSQL \(failure.sqlState): the server does not take a value"
    }
}
