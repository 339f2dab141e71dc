import Foundation
import Testing

@testable import RedisClient

/// Our client against a real Redis.
@Suite("Redis client")
struct RedisClientTests {
    /// Long enough for a loaded machine, so that only real faults fail.
    private static let patience = 5_000

    private func client(_ server: RedisServer, database: Int = 0, authorityFile: String? = nil) throws -> RedisClient {
        try RedisClient(
            url: server.url(database: database), timeoutMilliseconds: Self.patience,
            connectTimeoutMilliseconds: Self.patience, certificateAuthorityFile: authorityFile)
    }

    @Test("values of every kind come back as they were set, with their expiry", arguments: [false, true])
    func setAndGet(usesTLS: Bool) throws {
        let server = try RedisServer(usesTLS: usesTLS)
        let redis = try client(server, authorityFile: usesTLS ? server.certificateFile : nil)
        let values = [
            Data(), Data("text ü".utf8), Data((0...255).map { UInt8($0) }), Data("$5\r\nhello\r\n".utf8),
            Data(count: 3 * 1_024 * 1_024),
        ]
        #expect(try redis.get("absent") == nil)
        for value in values {
            try redis.set("key with space\r\nü", value, expirySeconds: 100)
            #expect(try redis.get("key with space\r\nü") == value)
        }
        let secondsLeft = try #require(Int(try server.cli("TTL", "key with space\r\nü")))
        #expect((90...100).contains(secondsLeft))
        #expect(try redis.delete("key with space\r\nü"))
        #expect(try !redis.delete("key with space\r\nü"))
        #expect(try redis.get("key with space\r\nü") == nil)
    }

    @Test("an expired value is gone")
    func expiry() throws {
        let server = try RedisServer()
        let redis = try client(server)
        try redis.set("k", Data("v".utf8), expirySeconds: 100)
        try server.cli("PEXPIRE", "k", "1")
        let deadline = ContinuousClock.now.advanced(by: .seconds(10))
        while try redis.get("k") != nil { try #require(ContinuousClock.now < deadline) }
    }

    @Test("a counter counts from one, and its time runs from the first increment")
    func counter() throws {
        let server = try RedisServer()
        let redis = try client(server)
        #expect(try redis.incrementWithExpiry("c", expirySeconds: 100) == 1)
        try server.cli("EXPIRE", "c", "50")
        #expect(try redis.incrementWithExpiry("c", expirySeconds: 100) == 2)
        #expect(try redis.incrementWithExpiry("c", expirySeconds: 100) == 3)
        let secondsLeft = try #require(Int(try server.cli("TTL", "c")))
        #expect((40...50).contains(secondsLeft))
        #expect(try redis.incrementWithExpiry("d", expirySeconds: 100) == 1)
        #expect(try #require(Int(try server.cli("TTL", "d"))) > 90)
    }

    @Test("databases are apart")
    func databases() throws {
        let server = try RedisServer()
        try client(server, database: 3).set("k", Data("three".utf8), expirySeconds: 10)
        #expect(try client(server).get("k") == nil)
        #expect(try server.cli("-n", "3", "GET", "k") == "three")
    }

    @Test("a refusal of the server is an error with its code, and the connection goes on")
    func refusal() throws {
        let server = try RedisServer()
        let redis = try client(server)
        try server.cli("LPUSH", "list", "x")
        #expect(try redis.get("k") == nil)
        let before = try server.connectionsReceived()
        let error = #expect(throws: RedisError.self) { try redis.get("list") }
        guard case .server(let code, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(code == "WRONGTYPE")
        try redis.set("k", Data("v".utf8), expirySeconds: 10)
        #expect(try redis.get("k") == Data("v".utf8))
        // One connection more: that of the look itself.
        #expect(try server.connectionsReceived() == before + 1)
    }

    @Test("wrong or missing credentials are refused, and no error repeats them")
    func credentials() throws {
        let server = try RedisServer()
        for userInformation in ["", ":hunter2@", "nobody:hunter2@"] {
            let redis = try RedisClient(
                url: "redis://\(userInformation)127.0.0.1:\(server.port)", timeoutMilliseconds: Self.patience)
            let error = #expect(throws: RedisError.self) { try redis.get("k") }
            #expect(error.map { String(describing: $0).contains("hunter2") } == false)
        }
    }

    @Test("a certificate that no trusted root vouches for, or made for another name, is refused")
    func certificates() throws {
        let server = try RedisServer(usesTLS: true)
        let other = try RedisServer(usesTLS: true)
        let otherName = server.url().replacingOccurrences(of: "127.0.0.1", with: "localhost")
        let clients = [
            try client(server), try client(server, authorityFile: other.certificateFile),
            try RedisClient(
                url: otherName, connectTimeoutMilliseconds: Self.patience,
                certificateAuthorityFile: server.certificateFile),
        ]
        for redis in clients {
            let error = #expect(throws: RedisError.self) { try redis.get("k") }
            guard case .connectFailed = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
    }

    @Test("several threads take turns without mixing up answers")
    func threads() async throws {
        let server = try RedisServer()
        let redis = try client(server)
        let mismatches = await withTaskGroup(of: Int.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    (0..<50).count { round in
                        let value = Data("\(worker)-\(round)".utf8)
                        guard (try? redis.set("w\(worker)", value, expirySeconds: 10)) != nil else { return true }
                        return (try? redis.get("w\(worker)")) != value
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(mismatches == 0)
    }
}
