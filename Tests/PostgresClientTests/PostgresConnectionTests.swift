import Foundation
import PostgresClient
import Synchronization
import TestSupport
import Testing

@Suite("One connection that outlives its socket")
struct PostgresConnectionTests {
    /// Ends the session of `connection` from outside and returns when the server has let it go.
    private func terminate(_ connection: PostgresConnection, from other: PostgresConnection) throws {
        let process = try #require(try connection.query("SELECT pg_backend_pid() AS pid").first).integer("pid")
        try other.query("SELECT pg_terminate_backend($1::int, 5000)", [.integer(process)])
    }

    private func makePair() throws -> (connection: PostgresConnection, other: PostgresConnection) {
        let parameters = try PostgresFixture.database()
        return (try PostgresConnection(parameters: parameters), try PostgresConnection(parameters: parameters))
    }

    @Test("a query after the server ended the session runs on a new connection")
    func queryRecovers() throws {
        let (connection, other) = try makePair()
        try terminate(connection, from: other)
        #expect(try connection.query("SELECT 1 AS one").first?.integer("one") == 1)
    }

    @Test("a transaction whose connection breaks in the middle runs once more, as a whole")
    func transactionRecovers() throws {
        let (connection, other) = try makePair()
        try connection.execute("CREATE TABLE numbers (number int)")
        var runs = 0
        try connection.transaction { session throws(PostgresError) in
            runs += 1
            try session.query("INSERT INTO numbers VALUES ($1)", [.integer(Int64(runs))])
            if runs == 1 {
                let row = try session.query("SELECT pg_backend_pid() AS pid").first
                try other.query("SELECT pg_terminate_backend($1::int, 5000)", [.integer(try row?.integer("pid") ?? 0)])
            }
            try session.query("INSERT INTO numbers VALUES ($1)", [.integer(Int64(runs))])
        }
        let rows = try connection.query("SELECT number FROM numbers")
        #expect(try rows.rows.map { try $0.integer("number") } == [2, 2])
    }

    @Test("a connection that breaks twice in one call is an error, and the next call works")
    func secondBreak() throws {
        let (connection, other) = try makePair()
        let runs = Mutex(0)
        #expect {
            try connection.withSession { session throws(PostgresError) in
                runs.withLock { $0 += 1 }
                let row = try session.query("SELECT pg_backend_pid() AS pid").first
                try other.query("SELECT pg_terminate_backend($1::int, 5000)", [.integer(try row?.integer("pid") ?? 0)])
                try session.execute("SELECT 1")
            }
        } throws: { error in
            if case .connectionLost? = error as? PostgresError { true } else { false }
        }
        #expect(runs.withLock { $0 } == 2)
        #expect(try connection.query("SELECT 1 AS one").first?.integer("one") == 1)
    }

    @Test("an error of the server's is not retried and carries SQLSTATE and constraint, but no row")
    func serverError() throws {
        let connection = try PostgresFixture.connection()
        try connection.execute("CREATE TABLE cards (secret text CONSTRAINT one_of_a_kind UNIQUE)")
        try connection.query("INSERT INTO cards VALUES ($1)", [.text("topsecret")])
        var runs = 0
        do {
            try connection.withSession { session throws(PostgresError) in
                runs += 1
                try session.query("INSERT INTO cards VALUES ($1)", [.text("topsecret")])
            }
            Issue.record("a duplicate was accepted")
        } catch {
            #expect(error.sqlState == "23505")
            #expect(error.isCausedByData)
            #expect(error.description.contains("one_of_a_kind"))
            #expect(!error.description.contains("topsecret"))
        }
        #expect(runs == 1)
    }

    @Test("a transaction is all or nothing")
    func rollback() throws {
        let connection = try PostgresFixture.connection()
        try connection.execute("CREATE TABLE numbers (number int PRIMARY KEY)")
        #expect(throws: PostgresError.self) {
            try connection.transaction { session throws(PostgresError) in
                try session.query("INSERT INTO numbers VALUES (1)")
                try session.query("INSERT INTO numbers VALUES (1)")
            }
        }
        #expect(try connection.query("SELECT number FROM numbers").count == 0)
        let inserted = try connection.transaction { session throws(PostgresError) in
            try session.query("INSERT INTO numbers VALUES (2)").affectedCount
        }
        #expect(inserted == 1)
        #expect(try connection.query("SELECT number FROM numbers").count == 1)
    }

    @Test("a transaction that swallows an error does not count as committed")
    func swallowedError() throws {
        let connection = try PostgresFixture.connection()
        #expect(throws: PostgresError.unexpectedResult("the transaction had failed before and was rolled back")) {
            _ = try connection.transaction { session throws(PostgresError) in try? session.query("SELECT 1 / 0") }
        }
    }

    @Test("a statement is prepared once, and a thousand different ones do not pile up on the server")
    func preparedStatements() throws {
        let connection = try PostgresFixture.connection()
        for _ in 0..<3 { try connection.query("SELECT $1::int", [.integer(1)]) }
        func prepared() throws -> Int64 {
            try #require(try connection.execute("SELECT count(*) AS n FROM pg_prepared_statements").first).integer("n")
        }
        #expect(try prepared() == 1)
        for number in 0..<1000 { try connection.query("SELECT $1::int + \(number)", [.integer(1)]) }
        #expect(try prepared() == 128)
    }

    @Test("a statement that takes too long ends with SQLSTATE 57014 and leaves the connection usable")
    func statementTimeout() throws {
        var parameters = try PostgresFixture.database()
        parameters.statementTimeoutMilliseconds = 20
        let connection = try PostgresConnection(parameters: parameters)
        do {
            try connection.query("SELECT pg_sleep(30)")
            Issue.record("the statement ran to its end")
        } catch {
            #expect(error.sqlState == "57014")
            #expect(!error.isCausedByData)
        }
        #expect(try connection.query("SELECT 1 AS one").first?.integer("one") == 1)
    }

    @Test("every session has the role, the time zone and the timeout, also after a reconnect")
    func sessionState() throws {
        var parameters = try PostgresFixture.database()
        let other = try PostgresConnection(parameters: parameters)
        let role = "limited \"\(UUID().uuidString)\""
        try other.execute("CREATE ROLE \"limited \"\"\(role.split(separator: "\"")[1])\"\"\" NOLOGIN")
        parameters.role = role
        let connection = try PostgresConnection(parameters: parameters)
        for _ in 0..<2 {
            let row = try #require(
                try connection.query(
                    "SELECT current_user AS role, current_setting('TimeZone') AS zone, "
                        + "current_setting('statement_timeout') AS timeout"
                ).first)
            #expect(try row.text("role") == role)
            #expect(try row.text("zone") == "UTC")
            #expect(try row.text("timeout") == "30s")
            try terminate(connection, from: other)
        }
    }

    @Test("no server is an error at once that names the address and not the password")
    func unreachable() {
        let parameters = PostgresParameters(
            host: "127.0.0.1", port: 1, database: "d", username: "u", password: "hunter2", connectTimeoutSeconds: 2)
        do throws(PostgresError) {
            _ = try PostgresConnection(parameters: parameters)
            Issue.record("connected to port 1")
        } catch {
            guard case .connectionFailed(let detail) = error else {
                Issue.record("unexpected error \(error)")
                return
            }
            #expect(detail.contains("127.0.0.1:1/d"))
            #expect(!detail.contains("hunter2"))
        }
    }

    @Test("a role that does not exist is an error at connecting, not a session with more rights")
    func missingRole() throws {
        var parameters = try PostgresFixture.database()
        parameters.role = "nobody_made_this_role"
        #expect {
            _ = try PostgresConnection(parameters: parameters)
        } throws: { error in
            if case .connectionFailed(let detail)? = error as? PostgresError { detail.contains("22023") } else { false }
        }
    }
}
