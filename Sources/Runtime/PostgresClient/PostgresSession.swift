import CPostgres

/// One open connection, lent by a ``PostgresConnection`` to the closure that uses it.
///
/// Synchronous: a call returns when the server has answered. Statements with parameters are prepared on first use and
/// kept by their text, which saves a quarter of their cost from then on.
// @unchecked: a session is reachable only through the mutex of its PostgresConnection, which lends it to one closure
// at a time; libpq asks for no more than that two threads never use one PGconn at the same time.
public final class PostgresSession: @unchecked Sendable {
    /// More different texts than any function of ours has; beyond it statements are sent unprepared, so that texts made
    /// at run time cannot grow the server's memory without end.
    private static let maximumPreparedStatements = 128

    /// What the session was opened with.
    let parameters: PostgresParameters
    private let connection: OpaquePointer
    private var preparedNames: [String: String] = [:]

    /// Connects and puts the session into the state every statement of ours relies on.
    init(_ parameters: PostgresParameters) throws(PostgresError) {
        self.parameters = parameters
        connection = try PostgresHandshake.connect(parameters)
        // Notices ("relation already exists, skipping") would otherwise go to standard error as raw text.
        PQsetNoticeProcessor(connection, { _, _ in }, nil)
        do {
            try configure()
        } catch {
            // A session without its role or its time zone must never run a statement.
            throw .connectionFailed("\(parameters): \(error)")
        }
    }

    deinit {
        PQfinish(connection)
    }

    /// Whether the connection is known to be gone.
    var isBroken: Bool { PQstatus(connection) == CONNECTION_BAD }

    /// Sets what statements rely on by SQL rather than by start-up options, which connection poolers refuse.
    private func configure() throws(PostgresError) {
        var script = "SET TIME ZONE 'UTC'; SET datestyle TO 'ISO, YMD'; SET standard_conforming_strings TO on;"
        script += " SET statement_timeout TO \(parameters.statementTimeoutMilliseconds);"
        if let role = parameters.role { script += " SET ROLE \(Self.quotedIdentifier(role));" }
        try execute(script)
    }

    /// Runs a script of one or more statements without parameters; the last result is returned.
    ///
    /// Several statements without a transaction of their own run as one.
    @discardableResult
    public func execute(_ script: String) throws(PostgresError) -> PostgresRows {
        guard !script.utf8.contains(0) else { throw .unsendableValue("a statement holds a zero byte") }
        return try rows(of: PQexec(connection, script))
    }

    /// Runs one statement with parameters, prepared once per session and text.
    @discardableResult
    public func query(_ statement: String, _ values: [PostgresValue?] = []) throws(PostgresError) -> PostgresRows {
        let texts = values.map { $0?.wireText }
        guard !texts.contains(where: { $0?.utf8.contains(0) ?? false }), !statement.utf8.contains(0) else {
            throw .unsendableValue("a text holds a zero byte")
        }
        let count = Int32(texts.count)
        guard let name = try preparedName(of: statement) else {
            return try rows(
                of: CStrings.with(texts) {
                    PQexecParams(connection, statement, count, nil, $0, nil, nil, 0)
                })
        }
        return try rows(of: CStrings.with(texts) { PQexecPrepared(connection, name, count, $0, nil, nil, 0) })
    }

    /// Runs a closure inside a transaction: committed when it returns, rolled back when it throws.
    ///
    /// - Throws: what the closure threw, or the server's refusal to commit (a deferred constraint).
    public func transaction<Value>(
        _ mode: PostgresTransactionMode = .readWrite, _ body: (PostgresSession) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        try execute(mode.beginStatement)
        let value: Value
        do {
            value = try body(self)
        } catch {
            // The first error is the one worth knowing; a rollback that fails leaves a broken connection behind, and
            // the server rolls that back by itself.
            if !isBroken { _ = try? execute("ROLLBACK") }
            throw error
        }
        let tag = try execute("COMMIT").commandTag
        // COMMIT in a transaction that already failed is answered with ROLLBACK and no error.
        guard tag == "COMMIT" else {
            throw .unexpectedResult("the transaction had failed before and was rolled back")
        }
        return value
    }

    /// Runs a closure with another statement timeout, in milliseconds, 0 for none.
    func withStatementTimeout<Value, Failure: Error>(
        milliseconds: Int, _ body: (PostgresSession) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        _ = try? execute("SET statement_timeout TO \(milliseconds)")
        defer { _ = try? execute("SET statement_timeout TO \(parameters.statementTimeoutMilliseconds)") }
        return try body(self)
    }

    private func preparedName(of statement: String) throws(PostgresError) -> String? {
        if let name = preparedNames[statement] { return name }
        guard preparedNames.count < Self.maximumPreparedStatements else { return nil }
        let name = "statement_\(preparedNames.count)"
        _ = try rows(of: PQprepare(connection, name, statement, 0, nil))
        preparedNames[statement] = name
        return name
    }

    /// Takes ownership of a result and turns a failed one into an error.
    private func rows(of result: OpaquePointer?) throws(PostgresError) -> PostgresRows {
        guard let result else { throw .connectionLost(Self.message(of: connection)) }
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
            return PostgresRows(owning: result)
        default:
            defer { PQclear(result) }
            throw failure(in: result)
        }
    }

    private func failure(in result: OpaquePointer) -> PostgresError {
        func field(_ code: Int32) -> String? { PQresultErrorField(result, code).map { String(cString: $0) } }
        guard let sqlState = field(PostgresDiagnostics.sqlState), !isBroken else {
            let detail = Self.message(of: connection)
            return isBroken ? .connectionLost(detail) : .unexpectedResult(detail)
        }
        let message = field(PostgresDiagnostics.primaryMessage) ?? "no message"
        // 57P01…57P03: the server is shutting this session down; 08: the connection itself. Both end the session even
        // where libpq has not seen the socket close yet.
        if sqlState.hasPrefix("08") || sqlState.hasPrefix("57P") { return .connectionLost("\(sqlState): \(message)") }
        return .server(
            PostgresServerFailure(
                sqlState: sqlState, message: message, constraint: field(PostgresDiagnostics.constraintName)))
    }

    private static func message(of connection: OpaquePointer) -> String {
        guard let text = PQerrorMessage(connection) else { return "no message" }
        return String(cString: text).split(whereSeparator: \.isNewline).joined(separator: "; ")
    }

    /// A name as a quoted identifier (PostgreSQL manual, 4.1.1).
    static func quotedIdentifier(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}

/// What a transaction may do and what it sees.
public enum PostgresTransactionMode: Sendable {
    /// Reads and writes; each statement sees what was committed before it began.
    case readWrite
    /// Only reads, and all of its statements see one moment.
    case snapshot

    fileprivate var beginStatement: String {
        switch self {
        case .readWrite: "BEGIN"
        case .snapshot: "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
        }
    }
}

/// Field codes of an error report (`postgres_ext.h`; character macros do not reach Swift).
private enum PostgresDiagnostics {
    static let sqlState = Int32(UInt8(ascii: "C"))
    static let primaryMessage = Int32(UInt8(ascii: "M"))
    static let constraintName = Int32(UInt8(ascii: "n"))
}
