import FoundationEssentials

/// Brings a database's schema up to the migrations of a folder.
///
/// Repeatable: what is applied is recorded with its SHA-256 in `schema_migrations` and not run again. Safe when several
/// deployments run it at once: an advisory lock lets one work and the others find nothing left to do. Each step runs in
/// a transaction of its own together with its record.
public struct PostgresMigrator: Sendable {
    /// "fincore" as a number of eight bytes; any constant that nobody else uses in these databases.
    private static let advisoryLock: Int64 = 0x66_69_6E_63_6F_72_65_00

    private static let recordsTable = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            version bigint PRIMARY KEY,
            name text NOT NULL,
            sha256 text NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT now())
        """

    private let migrations: [PostgresMigration]

    /// Reads the folder; files that do not end in `.sql` are not looked at.
    public init(directory: String) throws(PostgresMigrationError) {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix(".sql") }
        } catch {
            throw .unreadable(path: directory, detail: "\(error)")
        }
        guard !names.isEmpty else { throw .unreadable(path: directory, detail: "it holds no .sql file") }
        var migrations: [PostgresMigration] = []
        for name in names.sorted() {
            let path = directory + "/" + name
            guard let data = FileManager.default.contents(atPath: path),
                let script = String(validating: data, as: UTF8.self)
            else { throw .unreadable(path: path, detail: "not readable as UTF-8 text") }
            guard let migration = PostgresMigration(fileName: name, script: script) else {
                throw .invalidFileName(name)
            }
            migrations.append(migration)
        }
        try self.init(migrations)
    }

    /// Takes the steps as they are, in any order.
    public init(_ migrations: [PostgresMigration]) throws(PostgresMigrationError) {
        self.migrations = migrations.sorted { $0.version < $1.version }
        for (earlier, later) in zip(self.migrations, self.migrations.dropFirst())
        where earlier.version == later.version {
            throw .duplicateVersion(later.version)
        }
    }

    /// Applies what is missing and returns it, oldest first.
    @discardableResult
    public func migrate(_ connection: PostgresConnection) throws(PostgresMigrationError) -> [PostgresMigration] {
        let result: Result<[PostgresMigration], PostgresMigrationError>
        do {
            result = try connection.withSession { session throws(PostgresError) in
                // A migration, and the wait for another deployment's, may take longer than any request.
                session.withStatementTimeout(milliseconds: 0) { session in
                    Result { () throws(PostgresMigrationError) in try migrate(session) }
                }
            }
        } catch {
            throw .database(error)
        }
        return try result.get()
    }

    private func migrate(_ session: PostgresSession) throws(PostgresMigrationError) -> [PostgresMigration] {
        try asking { () throws(PostgresError) in
            try session.query("SELECT pg_advisory_lock($1)", [.integer(Self.advisoryLock)])
        }
        defer { _ = try? session.query("SELECT pg_advisory_unlock($1)", [.integer(Self.advisoryLock)]) }
        let pending = try pendingMigrations(session)
        for migration in pending { try apply(migration, session) }
        return pending
    }

    /// What is not applied yet, after every applied file was compared with its record.
    private func pendingMigrations(_ session: PostgresSession) throws(PostgresMigrationError) -> [PostgresMigration] {
        try asking { () throws(PostgresError) in try session.execute(Self.recordsTable) }
        var lastApplied: Int64 = 0
        var pending: [PostgresMigration] = []
        for migration in migrations {
            let record = try asking { () throws(PostgresError) in
                try session.query(
                    """
                    SELECT (SELECT max(version) FROM schema_migrations) AS last_applied,
                        (SELECT sha256 = encode(sha256(convert_to($2, 'UTF8')), 'hex')
                         FROM schema_migrations WHERE version = $1::bigint) AS is_unchanged
                    """, [.integer(migration.version), .text(migration.script)]
                ).first
            }
            guard let record else { continue }
            switch try asking({ () throws(PostgresError) in try record.optionalText("is_unchanged") }) {
            case "t": continue
            case .some: throw .changed(version: migration.version, name: migration.name)
            case nil: pending.append(migration)
            }
            lastApplied =
                try asking { () throws(PostgresError) in try record.optionalText("last_applied") }
                .flatMap { Int64($0) } ?? 0
        }
        if let first = pending.first, first.version < lastApplied {
            throw .outOfOrder(version: first.version, name: first.name, lastApplied: lastApplied)
        }
        return pending
    }

    private func apply(_ migration: PostgresMigration, _ session: PostgresSession) throws(PostgresMigrationError) {
        do {
            try session.transaction { session throws(PostgresError) in
                try session.execute(migration.script)
                try session.query(
                    """
                    INSERT INTO schema_migrations (version, name, sha256)
                    VALUES ($1, $2, encode(sha256(convert_to($3, 'UTF8')), 'hex'))
                    """, [.integer(migration.version), .text(migration.name), .text(migration.script)])
            }
        } catch {
            throw .failed(version: migration.version, name: migration.name, error)
        }
    }

    @discardableResult
    private func asking<Value>(_ body: () throws(PostgresError) -> Value) throws(PostgresMigrationError) -> Value {
        do { return try body() } catch { throw .database(error) }
    }
}
