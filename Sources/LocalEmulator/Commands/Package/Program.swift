import Foundation
import LocalEmulator

/// A program ran and failed.
struct ProgramFailure: Error, CustomStringConvertible {
    let program: String
    let exit: String
    let lastLines: [String]

    var description: String {
        "\(program) failed (\(exit))" + (lastLines.isEmpty ? "" : ":\n" + lastLines.joined(separator: "\n"))
    }
}

/// A program is not installed.
struct ProgramMissing: Error, CustomStringConvertible {
    let program: String
    let remedy: String

    var description: String { "\(program) is not there; \(remedy)" }
}

/// A program of the system or a script of the project.
struct Program {
    let name: String
    private let remedy: String

    /// How `env` says that there is no such program.
    private static let notFound: Int32 = 127
    /// Longer than any build takes; a program that hangs must not hang this one for ever.
    private static let timeoutMilliseconds = 3 * 60 * 60 * 1_000
    private static let keptLines = 20

    /// A program on the PATH, with the Debian package that holds it.
    init(_ name: String, package: String) {
        (self.name, remedy) = (name, "on Debian or Ubuntu: apt-get install \(package)")
    }

    /// A script of the project.
    init(script name: String) {
        (self.name, remedy) = (ProjectFiles.root + "/scripts/" + name, "this clone is incomplete")
    }

    private struct Output {
        var lines: [String] = []
        var complaints: [String] = []
    }

    /// Runs it to its end.
    ///
    /// - Parameter onLine: told what it writes to standard error, as it comes; without it, a failure quotes the end of that.
    /// - Returns: the lines of its standard output.
    /// - Throws: `ProgramFailure` or `ProgramMissing`.
    @discardableResult
    func run(_ arguments: [String], onLine: (@Sendable (String) -> Void)? = nil) throws -> [String] {
        let output = Monitor(Output())
        let process = try Interruption.start {
            try ChildProcess(
                executable: "/usr/bin/env", arguments: [name] + arguments,
                environment: ProcessInfo.processInfo.environment.merging(["LC_ALL": "C.UTF-8"]) { _, new in new },
                onLine: { stream, line in
                    output.withLock { stream == .output ? $0.lines.append(line) : $0.complaints.append(line) }
                    if stream == .error { onLine?(line) }
                })
        } stop: {
            $0.terminate()
        }
        guard let exit = process.waitForExit(timeoutMilliseconds: Self.timeoutMilliseconds) else {
            process.terminate()
            throw ProgramFailure(program: name, exit: "it did not end", lastLines: [])
        }
        Interruption.giveWay()
        if exit == .exited(status: Self.notFound) { throw ProgramMissing(program: name, remedy: remedy) }
        let result = output.read { $0 }
        guard exit == .exited(status: 0) else {
            throw ProgramFailure(
                program: name, exit: exit.description,
                lastLines: onLine == nil ? result.complaints.suffix(Self.keptLines) : [])
        }
        return result.lines
    }
}
