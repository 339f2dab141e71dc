import Foundation
import LocalEmulator

/// `fincore demo`
struct DemoCommand: Command {
    static let name = "demo"
    static let summary = "start the whole system, drive the main job through it, and check every book"
    static let usage: [(form: String, help: String)] = [
        ("--keep", "leave the system running afterwards"),
        ("--json", "print the result as JSON"),
        ("--kill FUNCTION:N[:MS]", "SIGKILL the process MS milliseconds into its N-th invocation; may be repeated"),
        ("--ready-file PATH", "write the URLs and process ids there as JSON when everything is up"),
        ("--verbose", "show every line the functions write"),
    ]

    private let keeps: Bool
    private let isJSON: Bool
    private let isVerbose: Bool
    private let readyFile: String?
    private let chaos: ChaosPlan

    init(_ arguments: inout Arguments) throws(UsageError) {
        keeps = arguments.flag("--keep")
        isJSON = arguments.flag("--json")
        isVerbose = arguments.flag("--verbose")
        readyFile = try arguments.option("--ready-file")
        var strikes: [ChaosPlan.Strike] = []
        for text in try arguments.options("--kill") {
            guard let strike = ChaosPlan.Strike(text) else {
                throw UsageError(message: "--kill takes FUNCTION:INVOCATION[:MILLISECONDS], not \"\(text)\"")
            }
            strikes.append(strike)
        }
        chaos = ChaosPlan(strikes: strikes)
    }

    func run(_ console: Console) throws -> Int32 {
        let directory = try RunDirectory("demo")
        var keepsLogs = false
        defer {
            if keepsLogs {
                console.error("the functions' logs are kept in \(directory.path)/logs")
            } else {
                directory.remove()
            }
        }
        let reporter = StackReporter(console: console, directory: directory, isVerbose: isVerbose)
        let stack = try LocalStack(
            options(directory), progress: { console.progress($0) }, onEvent: reporter.report)
        Interruption.onInterruption(stack.stop)
        defer { stack.stop() }
        guard stack.startFailures.isEmpty else { throw StackError.functionsCannotStart(stack.startFailures) }
        if let readyFile { try ReadyFile.write(StackURLs.document(stack), to: readyFile) }
        var scenario = try DemoScenario(stack: stack, console: console)
        keepsLogs = true
        try scenario.run()
        let isGood = scenario.report.succeeded
        keepsLogs = !isGood
        show(scenario.report, stack, console)
        if keeps {
            console.progress("the logs are in \(directory.path)/logs; press Control-C to stop")
            Interruption.wait()
        }
        console.progress("stopping")
        return isGood ? ExitCode.success : ExitCode.failure
    }

    private func options(_ directory: RunDirectory) -> LocalStack.Options {
        var options = ProjectFiles.stackOptions(dataDirectory: directory.path)
        options.chaos = chaos
        // AWS retries an asynchronous invocation after one and two minutes: too long to watch.
        options.retries = FunctionHost.AsynchronousRetries(delaysMilliseconds: [1_000, 2_000])
        return options
    }

    private func show(_ report: DemoReport, _ stack: LocalStack, _ console: Console) {
        guard !isJSON else { return console.print(report.document.text) }
        console.print()
        DemoOutput.print(report, console)
        console.print()
        for line in StackURLs.lines(stack) { console.print(line) }
        if !keeps { console.print("These are closed now; ./fincore demo --keep leaves them open.") }
    }
}
