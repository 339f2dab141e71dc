import Foundation
import Testing

@testable import LocalEmulator

@Suite struct ServerProcessTests {
    private func account() throws -> ServerAccount {
        try ServerAccount.forServer("test", preferring: ["nobody"])
    }

    @Test func aMissingProgramIsNamedWithWhatToInstall() {
        let error = #expect(throws: LocalServerError.self) {
            try ServerPrograms.find("fincore-no-such-program", server: "Redis", package: "redis-server")
        }
        #expect(error?.description.contains("fincore-no-such-program is not installed") == true)
        #expect(error?.description.contains("apt-get install redis-server") == true)
    }

    @Test func aTakenPortIsNamed() throws {
        let folder = try TemporaryFolder()
        let taken = try HTTPServer { _ in .text(200, "") }
        defer { taken.stop() }
        #expect(throws: LocalServerError.portTaken(server: "Redis", port: taken.port)) {
            try RedisServer(dataDirectory: folder.path + "/redis", port: taken.port).start()
        }
        #expect(throws: LocalServerError.portTaken(server: "SFTP server", port: taken.port)) {
            try SFTPServer(dataDirectory: folder.path + "/sftp", port: taken.port).start()
        }
        #expect(throws: LocalServerError.portTaken(server: "PostgreSQL", port: taken.port)) {
            try PostgresServer(dataDirectory: folder.path + "/postgres", port: taken.port).start()
        }
    }

    @Test func aFreePortThatIsLostIsReplaced() throws {
        var tried: [Int] = []
        let (port, attempts) = try FreePort.start(server: "test", port: nil) { port throws(LocalServerError) -> Int in
            tried.append(port)
            if tried.count < 3 { throw .portTaken(server: "test", port: port) }
            return tried.count
        }
        #expect(attempts == 3 && tried.last == port)
    }

    @Test func aPortThatIsAlwaysLostIsGivenUp() {
        var attempts = 0
        #expect(throws: LocalServerError.self) {
            try FreePort.start(server: "test", port: nil) { port throws(LocalServerError) -> Int in
                attempts += 1
                throw .portTaken(server: "test", port: port)
            }
        }
        #expect(attempts == FreePort.maximumAttempts)
    }

    @Test func aHelperThatFailsIsReportedWithItsWords() throws {
        let error = #expect(throws: LocalServerError.self) {
            try ServerProcess.run(
                "/bin/sh", ["-c", "echo it is broken >&2; exit 3"], server: "test", account: account())
        }
        #expect(error?.description == "test: sh failed (exit status 3):\n  it is broken")
    }

    @Test func aServerThatEndsBeforeItIsReadyIsReportedWithItsWords() throws {
        let launch = ServerProcess.Launch(
            server: "test", program: "/bin/sh", arguments: ["-c", "echo no disk; exit 7"], account: try account(),
            workingDirectory: "/", port: 1, readyText: "ready")
        #expect(throws: LocalServerError.diedAtStart(server: "test", exit: "exit status 7", lastLines: ["no disk"])) {
            _ = try ServerProcess(launch)
        }
    }

    @Test func aServerThatIgnoresEverySignalIsKilled() throws {
        let script = "trap '' TERM INT; echo ready; while :; do sleep 1; done"
        let process = try ServerProcess(
            ServerProcess.Launch(
                server: "test", program: "/bin/sh", arguments: ["-c", script], account: try account(),
                workingDirectory: "/", port: 1, readyText: "ready"))
        process.stop([(SIGTERM, 50), (SIGINT, 50)])
        #expect(!isAlive(process.processID))
    }

    /// A SIGKILL leaves the emulator no moment to stop its servers; the kernel does it, also across a change of user.
    @Test func serversDieWithAParentThatIsKilled() throws {
        let (program, arguments) = try account().command("/bin/sleep", ["1000"], server: "test")
        // A session of its own: otherwise the child would die with its parent's process group, not of its parent's death.
        let command = (["/usr/bin/setsid", program] + arguments).joined(separator: " ")
        let lines = Monitor<[String]>([])
        let parent = try ChildProcess(
            executable: "/bin/sh", arguments: ["-c", "\(command) & echo $!; wait"],
            environment: ServerProcess.environment, onLine: { _, line in lines.withLock { $0.append(line) } })
        #expect(eventually { lines.read { !$0.isEmpty } })
        let child = try #require(lines.read { $0.first.flatMap { pid_t($0) } })
        // The wrapper must have become the program before its parent goes.
        #expect(
            eventually {
                (try? String(contentsOfFile: "/proc/\(child)/comm", encoding: .utf8)) == "sleep\n"
            })
        kill(parent.processID, SIGKILL)
        #expect(eventually { !isAlive(child) })
    }

    @Test(.enabled(if: geteuid() == 0)) func rootsServersRunUnderAnotherAccount() throws {
        let printed = try ServerProcess.run("/usr/bin/id", ["-u"], server: "test", account: account())
        #expect(printed == ["\(try account().userID)"] && printed != ["0"])
        let groups = try ServerProcess.run("/usr/bin/id", ["-G"], server: "test", account: account())
        #expect(groups == ["\(try account().groupID)"])
    }

    @Test(.enabled(if: geteuid() == 0)) func aDirectoryTheAccountCannotReachIsNamed() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder.path)
        let error = #expect(throws: LocalServerError.self) {
            try RedisServer(dataDirectory: folder.path + "/redis").start()
        }
        #expect(error?.description.contains("may not enter \(folder.path)") == true)
    }
}
