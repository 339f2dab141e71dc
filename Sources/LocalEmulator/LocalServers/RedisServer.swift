import Foundation

/// A private Redis that keeps nothing on disk: a cache for one run.
public final class RedisServer: Sendable {
    private static let name = "Redis"
    /// Plenty for finished responses of a local run; beyond it the oldest go, as in a cache.
    private static let maximumMemory = "64mb"

    private struct Running: Sendable {
        let process: ServerProcess
        let port: Int
    }

    private let dataDirectory: String
    private let requestedPort: Int?
    private let running = Monitor<Running?>(nil)

    /// A server that is not started yet.
    ///
    /// - Parameters:
    ///   - dataDirectory: a directory of the server's own; it is made when it does not exist.
    ///   - port: the port on 127.0.0.1; `nil` takes a free one at each start.
    public init(dataDirectory: String, port: Int? = nil) {
        self.dataDirectory = URL(fileURLWithPath: dataDirectory).standardizedFileURL.path
        requestedPort = port
    }

    /// The port while the server runs; 0 otherwise.
    public var port: Int { running.read { $0?.port ?? 0 } }

    /// Where clients find the server, `redis://127.0.0.1:PORT`.
    public var url: String { "redis://127.0.0.1:\(port)" }

    /// The server's process id while it runs.
    public var processID: pid_t? { running.read { $0?.process.processID } }

    /// Starts the server and returns when it accepts connections.
    public func start() throws(LocalServerError) {
        guard running.read({ $0 == nil }) else { return }
        let program = try ServerPrograms.find("redis-server", server: Self.name, package: "redis-server")
        let account = try ServerAccount.forServer(Self.name, preferring: ["redis", "nobody"])
        try account.makeDirectory(dataDirectory, server: Self.name)
        let (port, process) = try FreePort.start(server: Self.name, port: requestedPort) {
            port throws(LocalServerError) in
            try ServerProcess(launch(program, account, port))
        }
        running.withLock { $0 = Running(process: process, port: port) }
    }

    private func launch(_ program: String, _ account: ServerAccount, _ port: Int) -> ServerProcess.Launch {
        let options = [
            "--port", "\(port)", "--bind", "127.0.0.1", "--protected-mode", "yes", "--daemonize", "no",
            "--save", "", "--appendonly", "no", "--dir", dataDirectory,
            "--maxmemory", Self.maximumMemory, "--maxmemory-policy", "allkeys-lru",
        ]
        return ServerProcess.Launch(
            server: Self.name, program: program, arguments: options, account: account,
            workingDirectory: dataDirectory, port: port, readyText: "Ready to accept connections")
    }

    /// Stops the server; at the latest by force.
    public func stop() {
        let stopped = running.withLock { running in
            defer { running = nil }
            return running
        }
        stopped?.process.stop([(SIGTERM, 3_000)])
    }

    deinit { stop() }
}
