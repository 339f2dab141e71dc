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

/// A program of the system, a script of the project, or one that was built here; it ends with `fincore` when that is
/// interrupted.
struct Program: Sendable {
    /// What a program has written, and how it ended.
    struct Result: Sendable {
        fileprivate(set) var output: [String] = []
        fileprivate(set) var errors: [String] = []
        fileprivate(set) var exit = ChildExit.exited(status: 0)
    }

    let name: String
    private let remedy: String

    /// How `env` says that there is no such program.
    private static let notFound: Int32 = 127
    /// Longer than any build takes; a program that hangs must not hang this one for ever.
    private static let limitSeconds = 3 * 60 * 60
    private static let keptLines = 20

    /// A program on the PATH, with the Debian package that holds it.
    init(_ name: String, package: String) {
        (self.name, remedy) = (name, "on Debian or Ubuntu: apt-get install \(package)")
    }

    /// A script of the project.
    init(script name: String) {
        (self.name, remedy) = (ProjectFiles.root + "/scripts/" + name, "this clone is incomplete")
    }

    /// An executable file that was found or made before.
    init(path: String) {
        (name, remedy) = (path, "it has been removed meanwhile")
    }

    /// Runs it to its end, which must be a success.
    ///
    /// - Parameters:
    ///   - variables: set besides or instead of this process's own.
    ///   - onLine: told what it writes to standard error, as it comes; without it, a failure quotes the end of that.
    /// - Returns: the lines of its standard output.
    /// - Throws: `ProgramFailure` or `ProgramMissing`.
    @discardableResult
    func run(
        _ arguments: [String], variables: [String: String] = [:], onLine: (@Sendable (String) -> Void)? = nil
    ) throws -> [String] {
        let result = try finish(arguments, variables: variables, onLine: onLine)
        guard result.exit == .exited(status: 0) else {
            throw ProgramFailure(
                program: name, exit: result.exit.description,
                lastLines: onLine == nil ? result.errors.suffix(Self.keptLines) : [])
        }
        return result.output
    }

    /// Runs it to its end, whatever that is.
    ///
    /// - Throws: `ProgramFailure` when it does not end within the limit, `ProgramMissing` when it is not there.
    func finish(
        _ arguments: [String], variables: [String: String] = [:], withinSeconds limit: Int = limitSeconds,
        onLine: (@Sendable (String) -> Void)? = nil
    ) throws -> Result {
        let result = Monitor(Result())
        let inherited = ProcessInfo.processInfo.environment.merging(["LC_ALL": "C.UTF-8"]) { _, new in new }
        let process = try Interruption.start {
            try ChildProcess(
                executable: "/usr/bin/env", arguments: [name] + arguments,
                environment: inherited.merging(variables) { _, new in new },
                onLine: { stream, line in
                    result.withLock { stream == .output ? $0.output.append(line) : $0.errors.append(line) }
                    if stream == .error { onLine?(line) }
                })
        } stop: {
            $0.terminate()
        }
        guard let exit = process.waitForExit(timeoutMilliseconds: limit * 1_000) else {
            process.terminate()
            throw ProgramFailure(program: name, exit: "it did not end within \(limit) s", lastLines: [])
        }
        Interruption.giveWay()
        if exit == .exited(status: Self.notFound) { throw ProgramMissing(program: name, remedy: remedy) }
        result.withLock { $0.exit = exit }
        return result.read { $0 }
    }
}
