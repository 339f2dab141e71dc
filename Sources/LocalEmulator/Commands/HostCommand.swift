import Foundation
import LocalEmulator

/// `fincore host`
struct HostCommand: Command {
    static let name = "host"
    static let summary = "run any custom-runtime bootstrap behind Lambda's Invoke API"
    static let usage: [(form: String, help: String)] = [
        ("BOOTSTRAP", "the executable, in any language"),
        ("--name NAME", "the function's name (default: function)"),
        ("--handler NAME", "what _HANDLER says (default: bootstrap)"),
        ("--timeout N", "limit on one invocation, in seconds (default: 3)"),
        ("--variable NAME=VALUE", "an environment variable; may be given several times"),
        ("--port N", "port of the Invoke API (default: 9000; 0 takes a free one)"),
        ("--ready-file PATH", "write the URL there as JSON when it is up"),
    ]

    private let bootstrap: String
    private let definition: FunctionDefinition
    private let port: Int
    private let readyFile: String?

    init(_ arguments: inout Arguments) throws(UsageError) {
        port = try arguments.number("--port", in: 0...65_535) ?? 9000
        readyFile = try arguments.option("--ready-file")
        var variables: [String: String] = [:]
        for assignment in try arguments.options("--variable") {
            guard let sign = assignment.firstIndex(of: "="), sign != assignment.startIndex else {
                throw UsageError(message: "--variable takes NAME=VALUE, not \"\(assignment)\"")
            }
            variables[String(assignment[..<sign])] = String(assignment[assignment.index(after: sign)...])
        }
        definition = FunctionDefinition(
            name: try arguments.option("--name") ?? "function", codeURI: ".",
            handler: try arguments.option("--handler") ?? "bootstrap",
            timeoutSeconds: try arguments.number("--timeout", in: 1...900) ?? 3, memoryMegabytes: 128,
            variables: variables, reservedConcurrency: nil)
        bootstrap = try arguments.positional("BOOTSTRAP")
    }

    func run(_ console: Console) throws -> Int32 {
        let path = URL(fileURLWithPath: bootstrap).path
        let services = try AWSServices(account: LocalNames.defaultAccount, port: port)
        defer { services.stop() }
        let directory = try RunDirectory("host")
        defer { directory.remove() }
        let reporter = StackReporter(console: console, directory: directory, isVerbose: true)
        let host = FunctionHost(
            functions: [definition], names: LocalNames(account: LocalNames.defaultAccount, endpoint: services.endpoint),
            bootstrap: { _ in path }, environment: [:], onEvent: { reporter.report(.function($0)) })
        defer { host.stop() }
        services.add(host, takesUnsignedInvocations: true)
        console.print(
            "Invoke API  \(services.endpoint)/2015-03-31/functions/\(definition.name)/invocations")
        if let readyFile { try ReadyFile.write(["endpoint": .string(services.endpoint)], to: readyFile) }
        Interruption.wait()
        return ExitCode.success
    }
}
