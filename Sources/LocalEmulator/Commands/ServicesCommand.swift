import Foundation
import LocalEmulator

/// `fincore services`
struct ServicesCommand: Command {
    static let name = "services"
    static let summary = "start only the AWS endpoint (SQS, Kinesis, DynamoDB, Secrets Manager, S3, SNS)"
    static let usage: [(form: String, help: String)] = [
        ("--port N", "port of the endpoint (default: 4566; 0 takes a free one)"),
        ("--ready-file PATH", "write the URL there as JSON when it is up"),
    ]

    private let port: Int
    private let readyFile: String?

    init(_ arguments: inout Arguments) throws(UsageError) {
        port = try arguments.number("--port", in: 0...65_535) ?? 4566
        readyFile = try arguments.option("--ready-file")
    }

    func run(_ console: Console) throws -> Int32 {
        let services = try AWSServices(account: LocalNames.defaultAccount, port: port)
        defer { services.stop() }
        console.print("AWS endpoint  \(services.endpoint)")
        if let readyFile { try ReadyFile.write(["endpoint": .string(services.endpoint)], to: readyFile) }
        Interruption.wait()
        return ExitCode.success
    }
}
