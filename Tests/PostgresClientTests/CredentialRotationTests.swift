import Foundation
import PostgresClient
import Synchronization
import TestSupport
import Testing

@Suite("A password that changes while a process runs")
struct CredentialRotationTests {
    /// What a secret holds now, counting who asks.
    private final class Secret: Sendable {
        private let state: Mutex<(parameters: PostgresParameters, reads: Int)>

        init(_ parameters: PostgresParameters) { state = Mutex((parameters, 0)) }

        var reads: Int { state.withLock { $0.reads } }

        func change(to parameters: PostgresParameters) { state.withLock { $0.parameters = parameters } }

        func read() -> PostgresParameters {
            state.withLock { state in
                state.reads += 1
                return state.parameters
            }
        }
    }

    private func one(_ connection: PostgresConnection) async throws(PostgresError) -> Int64? {
        try await connection.renewingParameters { () throws(PostgresError) in
            try connection.query("SELECT 1 AS one").first?.integer("one")
        }
    }

    @Test("a broken connection comes back with the new password, which is asked for once")
    func rotation() async throws {
        let account = try PostgresAccount()
        let secret = Secret(account.parameters)
        let connection = try PostgresConnection(parameters: account.parameters, renewedBy: { secret.read() })
        #expect(try await one(connection) == 1)
        #expect(secret.reads == 0)

        let rotated = try account.rotatePassword()
        secret.change(to: rotated)
        #expect(try await one(connection) == 1)
        #expect(try await one(connection) == 1)
        #expect(secret.reads == 1)
        #expect(connection.parameters == rotated)
    }

    @Test("a connection that is made on first use gets the new password too")
    func rotationBeforeFirstUse() async throws {
        let account = try PostgresAccount()
        let rotated = try account.rotatePassword()
        let connection = PostgresConnection(connectingOnFirstUse: account.parameters, renewedBy: { rotated })
        #expect(try await one(connection) == 1)
    }

    @Test("a secret that still holds the refused password is an error at once, and the next call asks again")
    func secretBehind() async throws {
        let account = try PostgresAccount()
        let secret = Secret(account.parameters)
        let connection = try PostgresConnection(parameters: account.parameters, renewedBy: { secret.read() })
        let rotated = try account.rotatePassword()
        let runs = Mutex(0)
        await #expect {
            try await connection.renewingParameters { () throws(PostgresError) in
                runs.withLock { $0 += 1 }
                try connection.execute("SELECT 1")
            }
        } throws: { Self.isRefusal($0) }
        #expect(runs.withLock { $0 } == 1)

        secret.change(to: rotated)
        #expect(try await one(connection) == 1)
        #expect(secret.reads == 2)
    }

    @Test("what has nothing to do with the account does not read the secret")
    func otherErrors() async throws {
        let account = try PostgresAccount()
        let secret = Secret(account.parameters)
        let connection = try PostgresConnection(parameters: account.parameters, renewedBy: { secret.read() })
        await #expect(throws: PostgresError.self) {
            try await connection.renewingParameters { () throws(PostgresError) in
                try connection.execute("SELECT 1 / 0")
            }
        }
        var parameters = account.parameters
        parameters.host = "/nowhere"
        let unreachable = PostgresConnection(connectingOnFirstUse: parameters, renewedBy: { secret.read() })
        await #expect(throws: PostgresError.self) { try await one(unreachable) }
        #expect(secret.reads == 0)
    }

    @Test("28P01 and 28000 are refusals of the account and name it without its password; a missing database is not")
    func classification() throws {
        var parameters = try PostgresAccount().parameters
        parameters.password = "hunter2"
        let wrongPassword = Self.failure(parameters)
        #expect(Self.isRefusal(wrongPassword))
        #expect(wrongPassword?.description.contains("28P01") == true)
        #expect(wrongPassword?.description.contains("hunter2") == false)
        #expect(wrongPassword?.description.contains("LOCATION") == false)

        var mayNotLogIn = try PostgresFixture.database()
        mayNotLogIn.username = "pg_monitor"
        #expect(Self.failure(mayNotLogIn)?.description.contains("28000") == true)
        #expect(Self.isRefusal(Self.failure(mayNotLogIn)))

        var missingDatabase = try PostgresFixture.database()
        missingDatabase.database = "28P01"
        guard case .connectionFailed(let detail) = Self.failure(missingDatabase) else {
            Issue.record("a missing database is not a refusal of the account")
            return
        }
        #expect(detail.contains("3D000"))
    }

    @Test("a server that accepts and says nothing is given up on in time")
    func silentServer() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 1) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        try #require(isListening)
        let failure = Self.failure(
            PostgresParameters(
                host: "127.0.0.1", port: Int(in_port_t(bigEndian: address.sin_port)), database: "d", username: "u",
                password: "p", connectTimeoutSeconds: 1))
        guard case .connectionFailed(let detail) = failure else {
            Issue.record("unexpected \(String(describing: failure))")
            return
        }
        #expect(detail.contains("no answer within 1 s"))
    }

    private static func failure(_ parameters: PostgresParameters) -> PostgresError? {
        do throws(PostgresError) {
            _ = try PostgresConnection(parameters: parameters)
            return nil
        } catch {
            return error
        }
    }

    private static func isRefusal(_ error: (any Error)?) -> Bool {
        if case .authenticationFailed? = error as? PostgresError { true } else { false }
    }
}
