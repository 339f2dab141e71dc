import Cryptography
import Foundation
import PostgresClient

/// A private PostgreSQL cluster in a directory of its own; the system's service is never touched.
///
/// The cluster survives a stop: starting on the same directory finds the databases again.
public final class PostgresServer: Sendable {
    static let name = "PostgreSQL"
    /// For root: `postgres` comes with Debian's server package, `nobody` is everywhere.
    static let accounts = ["postgres", "nobody"]
    /// Every database account of the cluster but this one is made by migrations.
    private static let superuser = "fincore"
    /// A Unix socket's whole path; struct sockaddr_un holds 108 bytes with the closing zero.
    private static let maximumSocketPathBytes = 107

    private struct Running: Sendable {
        let process: ServerProcess
        let port: Int
        let password: String
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

    /// The server's process id while it runs.
    public var processID: pid_t? { running.read { $0?.process.processID } }

    /// Where the Unix socket is; `nil` when the path would be too long for one.
    public var socketDirectory: String? {
        let directory = dataDirectory + "/socket"
        let longest = directory + "/.s.PGSQL.65535"
        return longest.utf8.count <= Self.maximumSocketPathBytes ? directory : nil
    }

    /// How the cluster's owner connects to a database over TCP with its password.
    public func parameters(database: String) throws(LocalServerError) -> PostgresParameters {
        guard let running = running.read({ $0 }) else { throw .notRunning(server: Self.name) }
        // The connection does not leave the machine, and the cluster has no certificate.
        return PostgresParameters(
            host: "127.0.0.1", port: running.port, database: database, username: Self.superuser,
            password: running.password, sslMode: .disable)
    }

    /// Starts the server and returns when it accepts connections; makes the cluster when there is none.
    public func start() throws(LocalServerError) {
        guard running.read({ $0 == nil }) else { return }
        let programs = try PostgresPrograms.find(server: Self.name)
        let account = try ServerAccount.forServer(Self.name, preferring: Self.accounts)
        try account.makeDirectory(dataDirectory, server: Self.name)
        if let socketDirectory { try account.makeDirectory(socketDirectory, server: Self.name) }
        let password = try prepareCluster(programs, account)
        let (port, process) = try FreePort.start(server: Self.name, port: requestedPort) {
            port throws(LocalServerError) in
            try ServerProcess(launch(programs, account, port))
        }
        running.withLock { $0 = Running(process: process, port: port, password: password) }
    }

    /// Creates a database unless it exists.
    public func createDatabase(_ database: String) throws(LocalServerError) {
        let parameters = try parameters(database: "postgres")
        do throws(PostgresError) {
            let connection = try PostgresConnection(parameters: parameters)
            let existing = try connection.query("SELECT 1 FROM pg_database WHERE datname = $1", [.text(database)])
            guard existing.count == 0 else { return }
            let quoted = "\"" + database.replacing("\"", with: "\"\"") + "\""
            _ = try connection.execute("CREATE DATABASE \(quoted)")
        } catch {
            throw .preparationFailed(
                server: Self.name, program: "CREATE DATABASE \(database)", reason: "\(error)", lastLines: [])
        }
    }

    /// Stops the server: connections are ended and data is written; at the latest by force.
    public func stop() {
        let stopped = running.withLock { running in
            defer { running = nil }
            return running
        }
        // SIGINT is PostgreSQL's fast shutdown, SIGQUIT the immediate one that recovers at the next start.
        stopped?.process.stop([(SIGINT, 5_000), (SIGQUIT, 2_000)])
    }

    deinit { stop() }
}

extension PostgresServer {
    private var cluster: String { dataDirectory + "/cluster" }

    /// Makes the cluster when there is none.
    ///
    /// - Returns: the owner's password.
    private func prepareCluster(
        _ programs: PostgresPrograms, _ account: ServerAccount
    ) throws(LocalServerError) -> String {
        let passwordFile = dataDirectory + "/password"
        if FileManager.default.fileExists(atPath: cluster) {
            guard let password = try? String(contentsOfFile: passwordFile, encoding: .utf8) else {
                throw .directoryUnusable(
                    server: Self.name, path: dataDirectory, reason: "it holds a cluster but not its password file")
            }
            removeLockOfZombie()
            return password
        }
        let password = Hex.encode(SecureRandom.bytes(16))
        try account.write(password, to: passwordFile, server: Self.name)
        // Made aside and moved into place, so that an interrupted initdb is not taken for a cluster.
        let unfinished = dataDirectory + "/cluster.unfinished"
        try? FileManager.default.removeItem(atPath: unfinished)
        try ServerProcess.run(
            programs.initdb,
            [
                "--pgdata", unfinished, "--username", Self.superuser, "--pwfile", passwordFile,
                "--auth", "scram-sha-256", "--encoding", "UTF8", "--no-locale", "--no-sync",
            ],
            server: Self.name, account: account, workingDirectory: dataDirectory)
        guard rename(unfinished, cluster) == 0 else {
            throw .directoryUnusable(
                server: Self.name, path: cluster, reason: String(cString: strerror(errno)))
        }
        return password
    }

    /// Removes the lock file of a server that was killed and never waited for.
    ///
    /// PostgreSQL itself removes the lock of a process that is gone, but takes a zombie for a running server. After a
    /// SIGKILL of the emulator its servers stay zombies for ever in a container whose first process reaps nobody.
    private func removeLockOfZombie() {
        let lock = cluster + "/postmaster.pid"
        let firstLine = (try? String(contentsOfFile: lock, encoding: .utf8))?.split(separator: "\n").first
        guard let processID = firstLine.flatMap({ pid_t($0) }), ProcessTree.isZombie(processID) else { return }
        try? FileManager.default.removeItem(atPath: lock)
    }

    private func launch(
        _ programs: PostgresPrograms, _ account: ServerAccount, _ port: Int
    ) -> ServerProcess.Launch {
        let settings = [
            "listen_addresses=127.0.0.1", "port=\(port)",
            // The path is quoted because the setting is a list.
            "unix_socket_directories=" + (socketDirectory.map { "\"\($0)\"" } ?? ""),
            // The cluster holds a developer's test payments: losing them with the machine costs nothing, and waiting
            // for the disk at every commit costs most of a local run.
            "fsync=off",
            // Shared memory stays a file of the data directory instead of /dev/shm.
            "dynamic_shared_memory_type=mmap",
            "log_destination=stderr", "logging_collector=off",
        ]
        return ServerProcess.Launch(
            server: Self.name, program: programs.postgres,
            arguments: ["-D", cluster] + settings.flatMap { ["-c", $0] }, account: account,
            workingDirectory: dataDirectory, port: port,
            readyText: "database system is ready to accept connections")
    }
}
