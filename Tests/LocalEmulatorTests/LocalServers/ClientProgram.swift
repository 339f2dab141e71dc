import Foundation
import Testing

@testable import LocalEmulator

/// A real client, run to its end.
struct ClientProgram {
    let status: ChildExit?
    let output: String

    init(_ name: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        let program = try ServerPrograms.find(name, server: "test", package: name)
        let lines = Monitor<[String]>([])
        let child = try ChildProcess(
            executable: program, arguments: arguments,
            environment: ServerProcess.environment.merging(environment) { _, own in own },
            onLine: { _, line in lines.withLock { $0.append(line) } })
        status = child.waitForExit(timeoutMilliseconds: 20_000)
        if status == nil { child.terminate(signal: SIGKILL) }
        output = lines.read { $0 }.joined(separator: "\n")
    }

    var succeeded: Bool { status == .exited(status: 0) }
}

/// Waits until a condition holds, at most twenty seconds.
func eventually(_ condition: () -> Bool) -> Bool {
    let deadline = EmulatorClock.nowMilliseconds() + 20_000
    while EmulatorClock.nowMilliseconds() < deadline {
        if condition() { return true }
        usleep(5_000)
    }
    return condition()
}

/// Whether a process exists and has not ended.
func isAlive(_ processID: pid_t) -> Bool {
    kill(processID, 0) == 0 && !ProcessTree.isZombie(processID)
}
