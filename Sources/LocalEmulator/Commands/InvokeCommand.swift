import Foundation
import LocalEmulator

/// `fincore invoke`
struct InvokeCommand: Command {
    static let name = "invoke"
    static let summary = "run one function with one event file"
    static let usage: [(form: String, help: String)] = [
        ("FUNCTION", "the function's name in infra/functions.json"),
        ("--event FILE", "the event, as JSON; what its expectation file says is given is there beforehand"),
        ("--verbose", "show every line the function writes"),
    ]

    private let function: String
    private let eventFile: String
    private let isVerbose: Bool

    init(_ arguments: inout Arguments) throws(UsageError) {
        isVerbose = arguments.flag("--verbose")
        guard let file = try arguments.option("--event") else { throw UsageError(message: "--event is missing") }
        eventFile = file
        function = try arguments.positional("FUNCTION")
    }

    func run(_ console: Console) throws -> Int32 {
        let fixture = try Fixture(eventFile: eventFile, function: function)
        let directory = try RunDirectory("invoke")
        defer { directory.remove() }
        let reporter = StackReporter(console: console, directory: directory, isVerbose: isVerbose)
        let stage = try FixtureStage(
            directory: directory.path, progress: { console.progress($0) }, onEvent: reporter.report)
        defer { stage.stop() }
        let outcome = try stage.invoke(fixture)
        let result = outcome.result
        let document = try? JSONValue(parsing: result.payload)
        let text = document.map { $0.serialized(pretty: true) } ?? result.payload
        console.print(String(decoding: text, as: UTF8.self))
        if fixture.expected != nil {
            let differences = try stage.differences(fixture, outcome)
            for line in differences { console.progress("not as its fixture expects: " + line) }
            if differences.isEmpty { console.progress("response and side effects are as its fixture expects") }
        }
        if let message = result.errorMessage {
            console.error("\(function) failed: \(message)")
            return ExitCode.failure
        }
        console.progress("\(function) answered in \(result.durationMilliseconds) ms")
        return ExitCode.success
    }
}
