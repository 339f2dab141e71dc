import Foundation
import Glibc
import TestSupport
import Testing

@testable import RedisClient

/// What happens when Redis, or the way to it, breaks: an error within the time allowed, and recovery by itself.
@Suite("Redis faults")
struct RedisFaultTests {
    /// The limit where the passing of time is the subject.
    private static let shortTimeout = 500
    /// The limit elsewhere: long enough for a loaded machine, so that only real faults fail.
    private static let patience = 10_000
    /// Longer than any failure here may take, and less than the limits add up to where they are not the subject.
    private static let bound = Duration.milliseconds(2 * shortTimeout + 4_000)

    private func client(_ server: RedisServer, timeout: Int = patience) throws -> RedisClient {
        try RedisClient(
            url: server.url(), timeoutMilliseconds: timeout, connectTimeoutMilliseconds: Self.patience,
            certificateAuthorityFile: server.certificateFile)
    }

    private func client(
        _ server: ScriptedServer, scheme: String = "redis", timeout: Int = patience
    ) throws -> RedisClient {
        try RedisClient(
            url: "\(scheme)://127.0.0.1:\(server.port)", timeoutMilliseconds: timeout,
            connectTimeoutMilliseconds: timeout)
    }

    /// The error of a call that has to fail within the bound.
    private func failure(_ call: () throws -> Void) throws -> RedisError {
        let start = ContinuousClock.now
        let error = #expect(throws: RedisError.self) { try call() }
        #expect(ContinuousClock.now - start < Self.bound)
        return try #require(error)
    }

    @Test(
        "a server killed between two commands gives errors, not a crash, and is found again", arguments: [false, true])
    func killedServer(usesTLS: Bool) throws {
        let server = try RedisServer(usesTLS: usesTLS)
        let redis = try client(server)
        try redis.set("k", Data("v".utf8), expirySeconds: 100)
        server.kill()
        for _ in 0..<3 {
            let error = try failure { try redis.set("k", Data(count: 100_000), expirySeconds: 100) }
            guard case .connectFailed = error else {
                Issue.record("\(error)")
                continue
            }
        }
        guard !usesTLS else { return }
        let revived = try RedisServer(port: server.port)
        #expect(try redis.get("k") == nil)
        withExtendedLifetime(revived) {}
    }

    @Test("D-32: a connection the server closed while idle is replaced unnoticed", arguments: [false, true])
    func staleConnection(usesTLS: Bool) throws {
        let server = try RedisServer(usesTLS: usesTLS)
        let redis = try client(server)
        try redis.set("k", Data("v".utf8), expirySeconds: 100)
        try server.cli("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        #expect(try redis.get("k") == Data("v".utf8))
        try server.cli("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        #expect(try redis.incrementWithExpiry("c", expirySeconds: 100) == 1)
    }

    @Test("D-32: a server restarted while the client slept is found again at the first command")
    func restartedServer() throws {
        let server = try RedisServer()
        let redis = try client(server)
        try redis.set("k", Data("v".utf8), expirySeconds: 100)
        server.kill()
        let revived = try RedisServer(port: server.port)
        #expect(try redis.incrementWithExpiry("c", expirySeconds: 100) == 1)
        #expect(try revived.cli("GET", "c") == "1")
    }

    @Test("a stalled server costs the time limit, and its late answer is never taken for another's")
    func stalledServer() throws {
        let server = try RedisServer()
        let redis = try client(server, timeout: Self.shortTimeout)
        try redis.set("a", Data("1".utf8), expirySeconds: 100)
        try redis.set("b", Data("2".utf8), expirySeconds: 100)
        let processID = try server.processID()
        Glibc.kill(processID, SIGSTOP)
        defer { Glibc.kill(processID, SIGCONT) }
        let error = try failure { _ = try redis.get("a") }
        guard case .timedOut = error else {
            Issue.record("\(error)")
            return
        }
        Glibc.kill(processID, SIGCONT)
        #expect(try redis.get("b") == Data("2".utf8))
    }

    @Test("a connection that owes an answer is given up: the next command goes out on a new one")
    func owedAnswer() throws {
        let server = try ScriptedServer([.answer("$1\r\na\r\n"), .silence, .answer("$1\r\nb\r\n")])
        defer { server.stop() }
        let redis = try client(server, timeout: Self.shortTimeout)
        #expect(try redis.get("a") == Data("a".utf8))
        _ = try failure { _ = try redis.get("slow") }
        #expect(server.connectionCount == 1)
        #expect(try redis.get("b") == Data("b".utf8))
        #expect(server.connectionCount == 2)
    }

    @Test("after a failover, when the old primary has become a replica, the next command connects anew")
    func failover() throws {
        let server = try RedisServer()
        let redis = try client(server)
        try redis.set("k", Data("v".utf8), expirySeconds: 100)
        try server.cli("REPLICAOF", "127.0.0.1", "1")
        let error = try failure { try redis.set("k", Data("w".utf8), expirySeconds: 100) }
        guard case .server(let code, _) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(code == "READONLY")
        let before = try server.connectionsReceived()
        try server.cli("REPLICAOF", "NO", "ONE")
        try redis.set("k", Data("w".utf8), expirySeconds: 100)
        // Ours, that of redis-cli in between, and that of the look itself.
        #expect(try server.connectionsReceived() == before + 3)
    }

    @Test("an answer that breaks off half-way is repeated once on a new connection, if it may be")
    func halfAnswer() throws {
        let server = try ScriptedServer([.answerAndClose("$5\r\nhe"), .answer("$5\r\nhello\r\n")])
        defer { server.stop() }
        let redis = try client(server)
        let first = try failure { _ = try redis.get("k") }
        #expect(first == .connectionLost("closed by the server"), "a new connection that breaks is not tried again")
        #expect(try redis.get("k") == Data("hello".utf8))

        let open = try ScriptedServer([
            .answer("$1\r\na\r\n"), .answerAndClose("$5\r\nhe"), .answer("$5\r\nhello\r\n"),
        ])
        defer { open.stop() }
        let used = try client(open)
        #expect(try used.get("k") == Data("a".utf8))
        #expect(try used.get("k") == Data("hello".utf8))
        #expect(open.commandCount == 3)
    }

    @Test("an increment whose answer is lost is not sent twice")
    func lostIncrement() throws {
        let server = try ScriptedServer([.answer(":1\r\n"), .answerAndClose(""), .answer(":3\r\n")])
        defer { server.stop() }
        let redis = try client(server)
        #expect(try redis.incrementWithExpiry("c", expirySeconds: 1) == 1)
        #expect(
            try failure { _ = try redis.incrementWithExpiry("c", expirySeconds: 1) }
                == .connectionLost("closed by the server"))
        #expect(server.commandCount == 2)
    }

    @Test("a peer that accepts and says nothing costs the time limit", arguments: ["redis", "rediss"])
    func silentPeer(scheme: String) throws {
        let server = try ScriptedServer([])
        defer { server.stop() }
        let redis = try client(server, scheme: scheme, timeout: Self.shortTimeout)
        let error = try failure { _ = try redis.get("k") }
        guard case .timedOut = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test(
        "a peer that is not Redis is an error",
        arguments: [
            "HTTP/1.1 400 Bad Request\r\n\r\n", "+OK\r\n", ":1\r\n", "$1\r\na\r\n$1\r\nb\r\n", "$999999999\r\n",
        ])
    func notRedis(answer: String) throws {
        let server = try ScriptedServer([.answer(answer)])
        defer { server.stop() }
        let redis = try client(server)
        _ = try failure { _ = try redis.get("k") }
    }

    @Test("nobody listening is an error at once")
    func nobodyListening() throws {
        let redis = try RedisClient(url: "redis://127.0.0.1:\(try Loopback.freePort())")
        guard case .connectFailed = try failure({ _ = try redis.get("k") }) else {
            Issue.record("not a failure to connect")
            return
        }
    }

    @Test("a value larger than could be read again is not stored")
    func tooLarge() throws {
        let redis = try RedisClient(url: "redis://127.0.0.1:1")
        let error = try failure {
            try redis.set("k", Data(count: RESP.maximumValueBytes + 1), expirySeconds: 1)
        }
        #expect(error == .tooLarge(limitBytes: RESP.maximumValueBytes))
    }
}
