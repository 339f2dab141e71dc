import Synchronization

/// A connection that outlives a broken socket.
///
/// A Lambda environment is frozen between invocations, and a database fails over, so the socket of yesterday is often
/// dead. A call that meets a broken connection opens a new one and runs **once** more. That is right only for work that
/// may run twice: what is given to `transaction` must be repeatable, because when the connection breaks during COMMIT
/// nobody can tell whether it was carried out.
///
/// Synchronous, one user at a time; not reentrant: inside a closure use the session it was given.
public final class PostgresConnection: Sendable {
    /// Finds out the parameters as they are now, for example from a secret whose password was rotated.
    public typealias ParameterSource = @Sendable () async throws(PostgresError) -> PostgresParameters

    private let currentParameters: Mutex<PostgresParameters>
    private let session: Mutex<PostgresSession?>
    private let source: ParameterSource?

    /// What the next session is opened with.
    public var parameters: PostgresParameters { currentParameters.withLock { $0 } }

    /// Connects at once, so that a wrong secret shows at start and not at the first event.
    ///
    /// - Parameter source: what ``renewingParameters(_:)`` asks; `nil` where parameters never change.
    public init(
        parameters: PostgresParameters, renewedBy source: ParameterSource? = nil
    ) throws(PostgresError) {
        self.source = source
        currentParameters = Mutex(parameters)
        session = Mutex(try PostgresSession(parameters))
    }

    /// Connects with the first statement, for a function that has something to answer even without its database.
    ///
    /// - Parameter source: what ``renewingParameters(_:)`` asks; `nil` where parameters never change.
    public init(connectingOnFirstUse parameters: PostgresParameters, renewedBy source: ParameterSource? = nil) {
        self.source = source
        currentParameters = Mutex(parameters)
        session = Mutex(nil)
    }

    /// Runs repeatable work on this connection, and **once** more with new parameters when the server refuses the
    /// account in the course of it: an open session survives the rotation of its password, its successor does not.
    ///
    /// - Throws: what the work threw; or what the source threw; or the refusal, when the parameters are still the same.
    public func renewingParameters<Value: Sendable>(
        _ work: () async throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        let refused = parameters
        do throws(PostgresError) {
            return try await work()
        } catch {
            guard case .authenticationFailed = error, let source else { throw error }
            let renewed = try await source()
            guard renewed != refused else { throw error }
            currentParameters.withLock { $0 = renewed }
        }
        return try await work()
    }

    /// Runs a script of one or more statements without parameters.
    @discardableResult
    public func execute(_ script: String) throws(PostgresError) -> PostgresRows {
        try withSession { session throws(PostgresError) in try session.execute(script) }
    }

    /// Runs one statement with parameters.
    @discardableResult
    public func query(_ statement: String, _ values: [PostgresValue?] = []) throws(PostgresError) -> PostgresRows {
        try withSession { session throws(PostgresError) in try session.query(statement, values) }
    }

    /// Runs a repeatable closure inside a transaction: committed when it returns, rolled back when it throws.
    public func transaction<Value: Sendable>(
        _ mode: PostgresTransactionMode = .readWrite, _ body: (PostgresSession) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        try withSession { session throws(PostgresError) in try session.transaction(mode, body) }
    }

    /// Lends the session to a repeatable closure, which runs again on a new connection when the first one broke.
    public func withSession<Value: Sendable>(
        _ body: (PostgresSession) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        try session.withLock { current throws(PostgresError) -> Value in
            let first: PostgresSession
            if let open = current, !open.isBroken { first = open } else { first = try PostgresSession(parameters) }
            current = first
            do throws(PostgresError) {
                return try body(first)
            } catch {
                guard case .connectionLost = error else { throw error }
            }
            current = nil
            let second = try PostgresSession(parameters)
            current = second
            return try body(second)
        }
    }
}
