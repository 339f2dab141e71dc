import Foundation
import LocalEmulator

/// `fincore up`
struct UpCommand: Command {
    static let name = "up"
    static let summary = "start the whole system and leave it running"
    static let usage: [(form: String, help: String)] = [
        ("--port N", "port of the public API (default: 8080)"),
        ("--aws-port N", "port of the AWS endpoint (default: 4566)"),
        ("--sandbox-port N", "port of the PSP sandbox (default: 12111)"),
        ("--ready-file PATH", "write the URLs there as JSON when everything is up"),
        ("--verbose", "show every line the functions write"),
    ]

    private let apiPort: Int
    private let awsPort: Int
    private let sandboxPort: Int
    private let readyFile: String?
    private let isVerbose: Bool

    init(_ arguments: inout Arguments) throws(UsageError) {
        apiPort = try arguments.number("--port", in: 0...65_535) ?? 8080
        awsPort = try arguments.number("--aws-port", in: 0...65_535) ?? 4566
        sandboxPort = try arguments.number("--sandbox-port", in: 0...65_535) ?? 12_111
        readyFile = try arguments.option("--ready-file")
        isVerbose = arguments.flag("--verbose")
    }

    func run(_ console: Console) throws -> Int32 {
        let directory = try RunDirectory("up")
        defer { directory.remove() }
        var options = ProjectFiles.stackOptions(dataDirectory: directory.path)
        options.apiPort = apiPort
        options.awsPort = awsPort
        options.sandboxPort = sandboxPort
        let reporter = StackReporter(console: console, directory: directory, isVerbose: isVerbose)
        let stack = try LocalStack(options, progress: { console.progress($0) }, onEvent: reporter.report)
        defer { stack.stop() }
        Interruption.onInterruption(stack.stop)
        for line in StackURLs.lines(stack) + ["Logs           \(directory.path)/logs"] { console.print(line) }
        if let readyFile { try ReadyFile.write(StackURLs.document(stack), to: readyFile) }
        console.print("Press Control-C to stop.")
        Interruption.wait()
        console.progress("stopping")
        return ExitCode.success
    }
}

/// The addresses of a running stack.
enum StackURLs {
    /// The key of the merchant in `infra/local.json`.
    static let demoKey = "fk_test_demo_merchant"

    static func lines(_ stack: LocalStack) -> [String] {
        Console.table([
            ["Public API", stack.apiURL], ["API key", demoKey], ["AWS endpoint", stack.aws.endpoint],
            ["PSP sandbox", stack.sandboxURL], ["PaymentDB", stack.databases["payment"]?.description ?? ""],
            ["LedgerDB", stack.databases["ledger"]?.description ?? ""],
        ])
    }

    static func document(_ stack: LocalStack) -> JSONValue {
        [
            "api": .string(stack.apiURL), "api_key": .string(demoKey), "aws": .string(stack.aws.endpoint),
            "sandbox": .string(stack.sandboxURL), "sandbox_key": .string(stack.sandboxKey),
            "process_ids": .object(
                stack.host.processIDs.mapValues { .array($0.map { .integer(Int64($0)) }) }),
        ]
    }
}
