import Foundation
import PostgresClient
import Synchronization

/// A private PostgreSQL for a test process: one cluster, started on first use, and a fresh database per test.
///
/// The server listens on a Unix socket in its own temporary folder only, so test processes never meet. It ends, and the
/// folder goes, when the test process does, however that ends.
public enum PostgresFixture {
    /// Which schema a fresh database starts with.
    public enum Schema: String, Sendable {
        /// No table at all.
        case empty
        /// `infra/migrations/paymentdb`.
        case payment = "paymentdb"
        /// `infra/migrations/ledgerdb`.
        case ledger = "ledgerdb"
    }

    /// Why there is no database to test against.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    private struct State {
        var cluster: Result<PostgresCluster, any Error>?
        var templates: Set<String> = []
        var databaseCount = 0
    }

    private static let state = Mutex(State())

    /// Creates a database of its own for the caller and tells how to connect to it as the cluster's owner.
    public static func database(_ schema: Schema = .empty) throws -> PostgresParameters {
        try state.withLock { state in
            let cluster = try runningCluster(&state)
            if schema != .empty, !state.templates.contains(schema.rawValue) {
                try makeTemplate(schema, in: cluster)
                state.templates.insert(schema.rawValue)
            }
            state.databaseCount += 1
            let name = "test_\(state.databaseCount)"
            let template = schema == .empty ? "template0" : "template_\(schema.rawValue)"
            // One connection for one statement: a template must have no other session while it is copied.
            try PostgresConnection(parameters: cluster.parameters(database: "postgres"))
                .execute("CREATE DATABASE \(name) TEMPLATE \(template)")
            return cluster.parameters(database: name)
        }
    }

    /// A connection to a fresh database.
    public static func connection(_ schema: Schema = .empty) throws -> PostgresConnection {
        try PostgresConnection(parameters: database(schema))
    }

    /// The folder of a schema's migrations.
    public static func migrationsDirectory(_ schema: Schema) -> String {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return root.appendingPathComponent("infra/migrations/\(schema.rawValue)").path
    }

    private static func runningCluster(_ state: inout State) throws -> PostgresCluster {
        if let cluster = state.cluster { return try cluster.get() }
        let cluster = Result { try PostgresCluster() }
        state.cluster = cluster
        try PostgresConnection(parameters: cluster.get().parameters(database: "postgres"))
            .execute("CREATE ROLE \(PostgresAccount.group) NOLOGIN")
        return try cluster.get()
    }

    private static func makeTemplate(_ schema: Schema, in cluster: PostgresCluster) throws {
        let name = "template_\(schema.rawValue)"
        try PostgresConnection(parameters: cluster.parameters(database: "postgres")).execute("CREATE DATABASE \(name)")
        try PostgresMigrator(directory: migrationsDirectory(schema))
            .migrate(PostgresConnection(parameters: cluster.parameters(database: name)))
    }
}

/// The server process behind the fixture.
private struct PostgresCluster: Sendable {
    private static let owner = "postgres"
    private static let startDeadlineSeconds = 30.0

    private let directory: String

    /// Makes the cluster and waits until it answers.
    init() throws {
        let programs = try Self.programDirectory()
        directory = Self.parentDirectory() + "/fincore-postgres-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        // initdb refuses to run as root, so root hands the folder to the account the packages made.
        let prefix = geteuid() == 0 ? "runuser -u postgres -- " : ""
        let script = """
            set -e
            cd "$0"
            \(geteuid() == 0 ? "chown \(Self.owner) \"$0\"" : "")
            \(prefix)"$1/initdb" -D data -U \(Self.owner) -A trust -E UTF8 --no-locale --no-sync >initdb.log 2>&1
            \(prefix)sed -i '1i local all +\(PostgresAccount.group) scram-sha-256' data/pg_hba.conf
            \(prefix)"$1/postgres" -D data -k "$0" -c listen_addresses= -c fsync=off -c full_page_writes=off \\
                -c synchronous_commit=off -c max_connections=200 >postgres.log 2>&1 </dev/null &
            # The test process holds the other end of standard input: when it is gone, however it went, so is this.
            cat >/dev/null
            kill -QUIT "$(head -n 1 data/postmaster.pid)"
            wait
            rm -rf "$0"
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/setsid")
        process.arguments = ["/bin/sh", "-c", script, directory, programs]
        process.standardInput = Pipe()
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        Self.lifeline.withLock { $0.append(process) }
        try waitUntilReady(process)
    }

    /// Keeps the standard input of the shells open for as long as this process lives.
    private static let lifeline = Mutex<[Process]>([])

    func parameters(database: String) -> PostgresParameters {
        PostgresParameters(
            host: directory, database: database, username: Self.owner, password: nil, sslMode: .disable)
    }

    private func waitUntilReady(_ process: Process) throws {
        let deadline = Date(timeIntervalSinceNow: Self.startDeadlineSeconds)
        while Date() < deadline, process.isRunning {
            if (try? PostgresConnection(parameters: parameters(database: "postgres"))) != nil { return }
            usleep(20_000)
        }
        let log = ["initdb.log", "postgres.log"].compactMap {
            try? String(contentsOfFile: directory + "/" + $0, encoding: .utf8)
        }.joined()
        throw PostgresFixture.Failure(description: "PostgreSQL did not start in \(directory): \(log)")
    }

    /// A file system in memory makes a fresh database three times as fast, where there is one with room to spare
    /// (a container's often has 64 MB).
    private static func parentDirectory() -> String {
        let memory = "/dev/shm"
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: memory)
        let freeBytes = (attributes?[.systemFreeSize] as? NSNumber)?.int64Value ?? 0
        let isUsable = freeBytes > 4 << 30 && FileManager.default.isWritableFile(atPath: memory)
        return isUsable ? memory : FileManager.default.temporaryDirectory.path
    }

    /// Debian keeps the server's programs out of PATH, in a folder per major version.
    private static func programDirectory() throws -> String {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let newest = versions.compactMap { Int($0) }.max().map { "\(root)/\($0)/bin" }
        let candidates = [newest, "/usr/local/bin", "/usr/bin"].compactMap { $0 }
        guard
            let found = candidates.first(where: { FileManager.default.isExecutableFile(atPath: $0 + "/initdb") })
        else { throw PostgresFixture.Failure(description: "initdb not found: install the package postgresql") }
        return found
    }
}
