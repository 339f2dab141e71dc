import Foundation
import LocalEmulator

/// A bootstrap as it is measured.
struct RuntimeContender: Sendable, Equatable {
    let name: String
    /// The executable and its arguments.
    let command: [String]
    /// Variables besides those that Lambda sets.
    var variables: [String: String] = [:]
    /// The files that a start reads, for starts with a cold page cache.
    var files: [String] = []
    /// Whether it must prove that it reads its records.
    var isEcho = false
}

/// Why a bootstrap's figures are refused.
struct RuntimeRefusal: Error, CustomStringConvertible {
    let contender: String
    let subject: String
    let reason: String

    var description: String { "\(contender) is refused (\(subject)): \(reason)" }
}

/// Runs the harness, one bootstrap at a time.
struct RuntimeHarness: Sendable {
    /// The harness's own limit on one run, in seconds; a million invocations of the slowest peer take a minute or two.
    static let limitSeconds = 600
    /// How much longer the harness may take to say so.
    private static let graceSeconds = 10

    let program: String
    let logFile: String

    /// Measures; what the bootstrap writes goes to the log file.
    ///
    /// - Throws: ``RuntimeRefusal`` when the bootstrap fails or answers wrongly.
    func measure(
        _ contender: RuntimeContender, subject: String, arguments: [String]
    ) throws -> RuntimeHarnessReport {
        var words = arguments + ["--name", contender.name, "--time-limit", "\(Self.limitSeconds)", "--log", logFile]
        for (name, value) in contender.variables.sorted(by: { $0.key < $1.key }) {
            words += ["--env", "\(name)=\(value)"]
        }
        words += ["--"] + contender.command
        let result = try ProgramRun(program, words, environment: [:])
            .finish(withinSeconds: Self.limitSeconds + Self.graceSeconds)
        guard let line = result.output.last, let report = Self.report(line) else {
            let reason = result.errors.last ?? "the harness ended without a result (\(result.exit))"
            throw BenchmarkError(reason: "\(contender.name), \(subject): \(reason)")
        }
        if let objection = report.objection {
            throw RuntimeRefusal(contender: contender.name, subject: subject, reason: objection)
        }
        return report
    }

    private static func report(_ line: String) -> RuntimeHarnessReport? {
        try? JSONDecoder().decode(RuntimeHarnessReport.self, from: Data(line.utf8))
    }
}

/// A program that runs to its end while its output is collected; it ends with `fincore` when that is interrupted.
struct ProgramRun: Sendable {
    struct Result: Sendable {
        let output: [String]
        let errors: [String]
        let exit: ChildExit
    }

    private struct Lines {
        var output: [String] = []
        var errors: [String] = []
    }

    private static let current = Monitor<ChildProcess?>(nil)
    private let process: ChildProcess
    private let lines = Monitor(Lines())

    init(_ executable: String, _ arguments: [String], environment: [String: String]) throws {
        let lines = lines
        process = try ChildProcess(
            executable: executable, arguments: arguments, environment: environment,
            onLine: { stream, line in
                lines.withLock { if stream == .output { $0.output.append(line) } else { $0.errors.append(line) } }
            })
        let process = process
        Self.current.withLock { $0 = process }
    }

    /// A program found by PATH, in this process's environment with `variables` on top.
    init(named name: String, _ arguments: [String], variables: [String: String] = [:]) throws {
        let environment = ProcessInfo.processInfo.environment.merging(variables) { _, new in new }
        try self.init("/usr/bin/env", [name] + arguments, environment: environment)
    }

    func finish(withinSeconds limit: Int) throws -> Result {
        guard let exit = process.waitForExit(timeoutMilliseconds: limit * 1_000) else {
            process.terminate()
            throw BenchmarkError(reason: "\(process.executable) has not ended within \(limit) s")
        }
        return lines.read { Result(output: $0.output, errors: $0.errors, exit: exit) }
    }

    /// The output of a program that must succeed.
    func output(withinSeconds limit: Int) throws -> [String] {
        let result = try finish(withinSeconds: limit)
        guard result.exit == .exited(status: 0) else {
            throw BenchmarkError(
                reason: (result.errors + ["\(process.executable): \(result.exit)"]).joined(separator: "\n"))
        }
        return result.output
    }

    /// Ends the program that runs just now.
    static func endCurrent() { current.read { $0 }?.terminate() }
}
