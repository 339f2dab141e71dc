import Foundation

/// The exit codes of `fincore`, for scripts.
enum ExitCode {
    static let success: Int32 = 0
    /// It ran, and what it found is not as it should be.
    static let failure: Int32 = 1
    /// The call itself was wrong.
    static let usage: Int32 = 2
    /// It could not run: a server, port, file or program is missing.
    static let cannotRun: Int32 = 3
}

/// One command of `fincore`.
protocol Command {
    /// How it is called.
    static var name: String { get }
    /// One line of help.
    static var summary: String { get }
    /// Its arguments and options, each with a line of help.
    static var usage: [(form: String, help: String)] { get }

    init(_ arguments: inout Arguments) throws(UsageError)

    /// Does it; the result is the exit code.
    func run(_ console: Console) throws -> Int32
}

/// Finds the command, hands it its arguments, and turns what it throws into a line and an exit code.
enum CommandLineTool {
    static var commands: [any Command.Type] {
        [
            DemoCommand.self, UpCommand.self, InvokeCommand.self, ReplayCommand.self, MigrateCommand.self,
            PackageCommand.self, BenchCommand.self, ServicesCommand.self, SandboxCommand.self, HostCommand.self,
        ]
    }

    static func run(_ words: [String]) -> Int32 {
        let console = Console()
        guard let name = words.first, name != "help", name != "--help", name != "-h" else {
            console.print(help(words.dropFirst().first))
            return ExitCode.success
        }
        guard let type = commands.first(where: { $0.name == name }) else {
            console.error("there is no command \"\(name)\"; ./fincore help lists them")
            return ExitCode.usage
        }
        if words.contains("--help") {
            console.print(help(name))
            return ExitCode.success
        }
        Interruption.watch()
        do {
            var arguments = Arguments(Array(words.dropFirst()))
            let command = try type.init(&arguments)
            try arguments.finish()
            return try command.run(console)
        } catch let error as UsageError {
            console.error("\(error.message); ./fincore help \(name) shows how it is called")
            return ExitCode.usage
        } catch {
            console.error("\(error)")
            return ExitCode.cannotRun
        }
    }

    private static func help(_ name: String?) -> String {
        if let type = commands.first(where: { $0.name == name }) {
            var lines = ["./fincore \(type.name): \(type.summary)"]
            lines += Console.table(type.usage.map { ["  " + $0.form, $0.help] })
            return lines.joined(separator: "\n")
        }
        var lines = ["FinCore Payments on one machine.", ""]
        lines += Console.table(commands.map { ["  ./fincore " + $0.name, $0.summary] })
        lines += Console.table([
            ["  ./fincore test", "run every test, as CI does"],
            ["  ./fincore help COMMAND", "show a command's options"],
        ])
        lines += ["", "Exit codes: 0 as it should be, 1 not as it should be, 2 wrong call, 3 cannot run."]
        return lines.joined(separator: "\n")
    }
}
