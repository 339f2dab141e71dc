import Foundation

/// A server as a child process: started, awaited until it says that it is ready, and stopped.
final class ServerProcess: Sendable {
    /// What to start and how to know it.
    struct Launch: Sendable {
        /// The name for messages, for example `PostgreSQL`.
        let server: String
        let program: String
        let arguments: [String]
        let account: ServerAccount
        let workingDirectory: String
        /// The port, for the message when it is taken.
        let port: Int
        /// What a line of the server's log contains once it accepts connections.
        let readyText: String
    }

    private struct State: Sendable {
        var lastLines: [String] = []
        var isReady = false
        var exit: ChildExit?
    }

    /// How many of a server's last lines a message repeats.
    static let keptLines = 12
    /// How long a server may take until it is ready: a crash recovery takes seconds, a healthy start a fraction of one.
    static let readyTimeoutMilliseconds = 30_000

    /// The child's process id.
    var processID: pid_t { child.processID }
    private let child: ChildProcess
    private let server: String

    /// Starts a server and returns when it is ready.
    init(_ launch: Launch) throws(LocalServerError) {
        let state = Monitor(State())
        child = try Self.spawn(launch, state)
        server = launch.server
        let deadline = EmulatorClock.nowMilliseconds() + Int64(Self.readyTimeoutMilliseconds)
        let end = state.wait(untilMilliseconds: deadline) { $0.isReady || $0.exit != nil ? $0 : nil }
        guard let end else {
            child.terminate(signal: SIGKILL)
            throw .notReady(
                server: launch.server, afterMilliseconds: Self.readyTimeoutMilliseconds,
                lastLines: state.read { $0.lastLines })
        }
        if let exit = end.exit {
            // The text of EADDRINUSE in the C locale, which the servers are started in.
            guard !end.lastLines.contains(where: { $0.contains("Address already in use") }) else {
                throw .portTaken(server: launch.server, port: launch.port)
            }
            throw .diedAtStart(server: launch.server, exit: "\(exit)", lastLines: end.lastLines)
        }
    }

    private static func spawn(_ launch: Launch, _ state: Monitor<State>) throws(LocalServerError) -> ChildProcess {
        let (program, arguments) = try launch.account.command(
            launch.program, launch.arguments, server: launch.server)
        let readyText = launch.readyText
        let workingDirectory = launch.workingDirectory
        let started = SpawningThread.run {
            Result { () throws(ChildProcessError) in
                try ChildProcess(
                    executable: program, arguments: arguments, environment: environment,
                    workingDirectory: workingDirectory,
                    onLine: { _, line in
                        state.withLock { state in
                            state.lastLines = (state.lastLines + [line]).suffix(keptLines)
                            if line.contains(readyText) { state.isReady = true }
                        }
                    },
                    onExit: { exit in state.withLock { $0.exit = exit } })
            }
        }
        switch started {
        case .success(let child): return child
        case .failure(let error):
            throw .preparationFailed(
                server: launch.server, program: launch.program, reason: error.reason, lastLines: [])
        }
    }

    /// The environment of every server and helper: messages in English, nothing of the user's.
    static let environment = ["PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "TZ": "UTC"]

    /// Whether the server still runs.
    var isRunning: Bool { child.exitResult == nil }

    /// Ends the server: each signal in turn gets its time, SIGKILL comes last.
    func stop(_ signals: [(signal: Int32, graceMilliseconds: Int)]) {
        for (signal, grace) in signals {
            child.signal(signal)
            if child.waitForExit(timeoutMilliseconds: grace) != nil { return }
        }
        child.terminate(signal: SIGKILL)
    }

    /// Runs a helper program of a server to its end.
    ///
    /// - Returns: what it printed on its standard output.
    @discardableResult
    static func run(
        _ program: String, _ arguments: [String], server: String, account: ServerAccount,
        workingDirectory: String = "/", timeoutMilliseconds: Int = 60_000
    ) throws(LocalServerError) -> [String] {
        let (command, commandArguments) = try account.command(program, arguments, server: server)
        let lines = Monitor<[(stream: ChildProcess.Stream, text: String)]>([])
        let started = SpawningThread.run {
            Result { () throws(ChildProcessError) in
                try ChildProcess(
                    executable: command, arguments: commandArguments, environment: environment,
                    workingDirectory: workingDirectory,
                    onLine: { stream, line in lines.withLock { $0.append((stream, line)) } })
            }
        }
        let name = URL(fileURLWithPath: program).lastPathComponent
        guard case .success(let child) = started else {
            throw .preparationFailed(server: server, program: name, reason: "it cannot be started", lastLines: [])
        }
        let exit = child.waitForExit(timeoutMilliseconds: timeoutMilliseconds)
        let printed = lines.read { $0 }
        guard exit == .exited(status: 0) else {
            child.terminate(signal: SIGKILL)
            throw .preparationFailed(
                server: server, program: name, reason: exit.map { "\($0)" } ?? "no end in time",
                lastLines: printed.suffix(keptLines).map(\.text))
        }
        return printed.filter { $0.stream == .output }.map(\.text)
    }
}
