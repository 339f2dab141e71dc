import Foundation
import LocalEmulator

/// `fincore bench`
struct BenchCommand: Command {
    static let name = "bench"
    static let summary = "measure the local stack, or the runtime against a C loop and AWS's own for Python"
    static let usage: [(form: String, help: String)] =
        [
            ("charges", "accepted charges per second and time to SUCCEEDED (default); GET /health is the floor"),
            ("runtime", "start, latency, throughput and memory of the echo function, beside its goals"),
            ("--json", "print the result as JSON"),
            ("--count N", "charges: how many (default: 200)"),
            ("--concurrency N", "charges: how many requests at once (default: 4)"),
        ] + RuntimeBenchmarkOptions.usage

    private enum Subject {
        case charges(count: Int, concurrency: Int)
        case runtime(RuntimeBenchmarkOptions)
    }

    private let subject: Subject
    private let isJSON: Bool

    init(_ arguments: inout Arguments) throws(UsageError) {
        isJSON = arguments.flag("--json")
        if arguments.flag("runtime") {
            subject = .runtime(try RuntimeBenchmarkOptions(&arguments, isJSON: isJSON))
            return
        }
        subject = .charges(
            count: try arguments.number("--count", in: 1...100_000) ?? 200,
            concurrency: try arguments.number("--concurrency", in: 1...64) ?? 4)
        if arguments.hasPositional {
            let word = try arguments.positional("charges or runtime")
            guard word == "charges" else { throw UsageError(message: "\"\(word)\" cannot be measured") }
        }
    }

    func run(_ console: Console) throws -> Int32 {
        switch subject {
        case .charges(let count, let concurrency):
            try runCharges(count: count, concurrency: concurrency, console)
        case .runtime(let options): try RuntimeBenchmark(options: options).run(console)
        }
    }

    private func runCharges(count: Int, concurrency: Int, _ console: Console) throws -> Int32 {
        let directory = try RunDirectory("bench")
        defer { directory.remove() }
        let options = ProjectFiles.stackOptions(dataDirectory: directory.path)
        let reporter = StackReporter(console: console, directory: directory, isVerbose: false)
        let stack = try LocalStack(options, progress: { console.progress($0) }, onEvent: reporter.report)
        Interruption.onInterruption(stack.stop)
        defer { stack.stop() }
        let bench = ChargeBenchmark(stack: stack, count: count, concurrency: concurrency)
        console.progress("\(count) × GET /health, the floor")
        let floor = try bench.measureHealth()
        console.progress("\(count) × POST /v1/charges")
        let charges = try bench.measureCharges()
        console.progress("waiting until every charge has SUCCEEDED")
        let settled = try bench.waitUntilSettled(charges)
        let rows: [(String, Summary)] = [
            ("GET /health", floor), ("POST /v1/charges", charges.summary), ("202 to SUCCEEDED", settled),
        ]
        if isJSON {
            console.print(JSONValue.object(Dictionary(uniqueKeysWithValues: rows.map { ($0.0, $0.1.document) })).text)
        } else {
            let header = [["", "per second", "p50 ms", "p99 ms", "ratio to floor (p50)"]]
            let lines = rows.map { name, summary in
                [
                    name, Self.text(summary.perSecond), Self.text(summary.p50), Self.text(summary.p99),
                    Self.text(summary.p50 / floor.p50),
                ]
            }
            for line in Console.table(header + lines, right: [1, 2, 3, 4]) { console.print(line) }
        }
        return ExitCode.success
    }

    private static func text(_ value: Double) -> String { String(format: "%.1f", value) }
}
