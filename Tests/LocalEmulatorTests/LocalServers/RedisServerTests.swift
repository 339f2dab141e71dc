import Foundation
import Testing

@testable import LocalEmulator

@Suite struct RedisServerTests {
    private func cli(_ server: RedisServer, _ command: String...) throws -> ClientProgram {
        try ClientProgram("redis-cli", ["-u", server.url] + command)
    }

    @Test func aRealClientStoresAndReads() throws {
        let folder = try TemporaryFolder()
        let server = RedisServer(dataDirectory: folder.path + "/redis")
        try server.start()
        defer { server.stop() }
        #expect(try cli(server, "SET", "key", "value", "EX", "60").output == "OK")
        #expect(try cli(server, "GET", "key").output == "value")
        #expect(try cli(server, "CONFIG", "GET", "bind").output.contains("127.0.0.1"))
    }

    @Test func nothingIsKeptAndNothingIsLeftBehind() throws {
        let folder = try TemporaryFolder()
        let server = RedisServer(dataDirectory: folder.path + "/redis")
        try server.start()
        #expect(try cli(server, "SET", "key", "value").succeeded)
        let processID = try #require(server.processID)
        server.stop()
        #expect(!isAlive(processID))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/redis") == [])
        server.stop()
    }

    /// The kernel's parent-death signal follows the thread that made the child, not the process.
    @Test func outlivesTheThreadThatStartedIt() throws {
        let folder = try TemporaryFolder()
        let server = RedisServer(dataDirectory: folder.path + "/redis")
        let finished = Monitor(false)
        let thread = Thread {
            try? server.start()
            finished.withLock { $0 = true }
        }
        thread.start()
        #expect(eventually { finished.read { $0 } && thread.isFinished })
        defer { server.stop() }
        let processID = try #require(server.processID)
        // A signal sent at the thread's end is delivered before the next reply could be.
        for _ in 0..<20 { #expect(try cli(server, "PING").output == "PONG") }
        #expect(isAlive(processID))
    }
}
