import Foundation
import LocalEmulator

/// A bootstrap as it is measured.
struct RuntimeContender: Sendable, Equatable {
    var name: String
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
        let result = try Program(path: program)
            .finish(words, withinSeconds: Self.limitSeconds + Self.graceSeconds)
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
