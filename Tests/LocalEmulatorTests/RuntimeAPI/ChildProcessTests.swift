import Foundation
import Testing

@testable import LocalEmulator

@Suite("Child processes") struct ChildProcessTests {
    @Test("what a process leaves behind in its group ends with it")
    func orphans() throws {
        let lines = Monitor<[String]>([])
        let process = try ChildProcess(
            executable: "/bin/sh", arguments: ["-c", "sleep 1000 & echo $!; exit 3"],
            environment: ["PATH": "/usr/bin:/bin"], onLine: { _, line in lines.withLock { $0.append(line) } })
        #expect(process.waitForExit(timeoutMilliseconds: 20_000) == .exited(status: 3))
        let orphan = try #require(lines.read { $0.first.flatMap { pid_t($0) } })
        #expect(eventually { !isAlive(orphan) })
    }

    @Test("the end is told at once, and waited for together with the last line")
    func order() throws {
        let told = Monitor<[String]>([])
        let process = try ChildProcess(
            executable: "/bin/sh", arguments: ["-c", "echo one; printf two; exit 0"],
            environment: ["PATH": "/usr/bin:/bin"], onLine: { _, line in told.withLock { $0.append(line) } },
            onExit: { exit in told.withLock { $0.append("\(exit)") } })
        #expect(process.waitForExit(timeoutMilliseconds: 20_000) == .exited(status: 0))
        let all = told.wait(untilMilliseconds: EmulatorClock.nowMilliseconds() + 20_000) { $0.count == 3 ? $0 : nil }
        #expect(all == ["one", "two", "exit status 0"])
    }

    @Test("a program that cannot be started leaves no descriptor open")
    func descriptors() throws {
        func count() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
        let attempts = 200
        let before = try count()
        for _ in 0..<attempts {
            #expect(throws: ChildProcessError.self) {
                try ChildProcess(executable: "/nonexistent", environment: [:])
            }
        }
        // Other tests open and close descriptors meanwhile, but not this many.
        #expect(try count() - before < attempts)
    }
}
