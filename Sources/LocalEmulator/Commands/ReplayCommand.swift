import Foundation
import LocalEmulator

/// `fincore replay`
struct ReplayCommand: Command {
    static let name = "replay"
    static let summary = "run event fixtures and compare response and side effects with what is expected"
    static let usage: [(form: String, help: String)] = [
        ("PATH", "a directory of fixtures or one event file (default: events/)"),
        ("--json", "print the result as JSON"),
        ("--json-file PATH", "write the result there as JSON, beside the table"),
        ("--verbose", "show every line the functions write"),
    ]

    private let path: String
    private let isJSON: Bool
    private let jsonFile: String?
    private let isVerbose: Bool

    init(_ arguments: inout Arguments) throws(UsageError) {
        isJSON = arguments.flag("--json")
        jsonFile = try arguments.option("--json-file")
        isVerbose = arguments.flag("--verbose")
        path = arguments.hasPositional ? try arguments.positional("PATH") : ProjectFiles.root + "/events"
    }

    private struct Outcome {
        let fixture: Fixture
        let differences: [String]
        let milliseconds: Int64
    }

    func run(_ console: Console) throws -> Int32 {
        let fixtures = try Fixture.all(below: path)
        guard !fixtures.isEmpty else { throw FixtureError(file: path, reason: "holds no fixtures") }
        let directory = try RunDirectory("replay")
        defer { directory.remove() }
        let reporter = StackReporter(console: console, directory: directory, isVerbose: isVerbose)
        let stage = try FixtureStage(
            directory: directory.path, progress: { console.progress($0) },
            onEvent: { event in if isVerbose { reporter.report(event) } })
        defer { stage.stop() }
        console.progress("replaying \(fixtures.count) fixture\(fixtures.count == 1 ? "" : "s")")
        let outcomes = fixtures.map { replay($0, on: stage) }
        let document = Self.document(outcomes)
        if let jsonFile { try document.serialized().write(to: URL(fileURLWithPath: jsonFile)) }
        if isJSON { console.print(document.text) } else { printTable(outcomes, console) }
        return outcomes.allSatisfy(\.differences.isEmpty) ? ExitCode.success : ExitCode.failure
    }

    /// What cannot be set up or looked up is that fixture's failure; the others go on.
    private func replay(_ fixture: Fixture, on stage: FixtureStage) -> Outcome {
        do {
            let outcome = try stage.invoke(fixture)
            return Outcome(
                fixture: fixture, differences: try stage.differences(fixture, outcome),
                milliseconds: outcome.result.durationMilliseconds)
        } catch {
            return Outcome(fixture: fixture, differences: ["\(error)"], milliseconds: 0)
        }
    }

    private func printTable(_ outcomes: [Outcome], _ console: Console) {
        let rows = outcomes.map { outcome in
            [
                outcome.differences.isEmpty ? "ok" : "DIFFERS", outcome.fixture.function,
                (outcome.fixture.file as NSString).lastPathComponent, "\(outcome.milliseconds) ms",
                outcome.fixture.summary,
            ]
        }
        for (line, outcome) in zip(Console.table(rows, right: [3]), outcomes) {
            console.print(console.styled(line, outcome.differences.isEmpty ? .good : .bad))
            for difference in outcome.differences { console.print("    " + difference) }
        }
        let failed = outcomes.filter { !$0.differences.isEmpty }.count
        console.print("\(outcomes.count - failed) passed, \(failed) failed")
    }

    private static func document(_ outcomes: [Outcome]) -> JSONValue {
        .array(
            outcomes.map { outcome in
                [
                    "file": .string(outcome.fixture.file), "function": .string(outcome.fixture.function),
                    "differences": .array(outcome.differences.map { .string($0) }),
                    "milliseconds": .integer(outcome.milliseconds),
                ]
            })
    }
}
