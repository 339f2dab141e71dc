import Foundation
import LocalEmulator

/// `fincore sandbox`
struct SandboxCommand: Command {
    static let name = "sandbox"
    static let summary = "start only the PSP sandbox, which speaks Stripe's API"
    static let usage: [(form: String, help: String)] = [
        ("--port N", "port of the sandbox (default: 12111; 0 takes a free one)"),
        ("--webhook-url URL", "where webhooks go (default: nowhere)"),
        ("--settlement-directory DIR", "where settlement files are written (default: nowhere)"),
        ("--ready-file PATH", "write URL and keys there as JSON when it is up"),
    ]

    /// Fixed, so that a client can be configured once; the sandbox listens on loopback only.
    private static let apiKey = "sk_test_sandbox"
    private static let webhookSecret = "whsec_sandbox"

    private let port: Int
    private let webhookURL: String?
    private let settlementDirectory: String?
    private let readyFile: String?

    init(_ arguments: inout Arguments) throws(UsageError) {
        port = try arguments.number("--port", in: 0...65_535) ?? 12_111
        webhookURL = try arguments.option("--webhook-url")
        settlementDirectory = try arguments.option("--settlement-directory")
        readyFile = try arguments.option("--ready-file")
    }

    func run(_ console: Console) throws -> Int32 {
        let url = webhookURL
        let sandbox = StripeSandbox(
            apiKey: Self.apiKey, webhookSecret: Self.webhookSecret, webhookURL: { url },
            settlementDirectory: settlementDirectory)
        defer { sandbox.stop() }
        let server = try HTTPServer(port: port, handler: sandbox.handle)
        defer { server.stop() }
        let endpoint = "http://127.0.0.1:\(server.port)"
        for line in Console.table([
            ["PSP sandbox", endpoint], ["API key", Self.apiKey], ["Webhook secret", Self.webhookSecret],
        ]) { console.print(line) }
        if let readyFile {
            try ReadyFile.write(
                [
                    "endpoint": .string(endpoint), "api_key": .string(Self.apiKey),
                    "webhook_secret": .string(Self.webhookSecret),
                ], to: readyFile)
        }
        Interruption.wait()
        return ExitCode.success
    }
}
