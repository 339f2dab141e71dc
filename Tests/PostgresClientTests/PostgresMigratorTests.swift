import Foundation
import PostgresClient
import Synchronization
import TestSupport
import Testing

@Suite("Migrations")
struct PostgresMigratorTests {
    private func migration(_ fileName: String, _ script: String) throws -> PostgresMigration {
        try #require(PostgresMigration(fileName: fileName, script: script))
    }

    private func steps() throws -> [PostgresMigration] {
        [
            try migration(
                "0001_charges.sql", "CREATE TABLE charges (id text PRIMARY KEY); INSERT INTO charges VALUES ('a')"),
            try migration("0002_amount.sql", "ALTER TABLE charges ADD amount bigint NOT NULL DEFAULT 7"),
        ]
    }

    @Test("apply in order, and a second run does nothing")
    func repeatable() throws {
        let connection = try PostgresFixture.connection()
        let migrator = try PostgresMigrator(try steps().reversed())
        #expect(try migrator.migrate(connection).map(\.version) == [1, 2])
        #expect(try migrator.migrate(connection) == [])
        #expect(try connection.query("SELECT amount FROM charges").first?.integer("amount") == 7)
        let records = try connection.query(
            "SELECT version, name, length(sha256) AS n FROM schema_migrations ORDER BY 1")
        #expect(try records.rows.map { try $0.text("name") } == ["charges", "amount"])
        #expect(try records.rows.map { try $0.integer("n") } == [64, 64])
    }

    @Test("a new file is applied on top of what stands")
    func incremental() throws {
        let connection = try PostgresFixture.connection()
        try PostgresMigrator([try steps()[0]]).migrate(connection)
        #expect(try PostgresMigrator(try steps()).migrate(connection).map(\.version) == [2])
    }

    @Test("an applied file that was changed is refused, and nothing newer is applied")
    func checksum() throws {
        let connection = try PostgresFixture.connection()
        try PostgresMigrator([try steps()[0]]).migrate(connection)
        let changed = try PostgresMigrator([
            try migration("0001_charges.sql", "CREATE TABLE charges (id uuid)"), try steps()[1],
        ])
        #expect(throws: PostgresMigrationError.changed(version: 1, name: "charges")) { try changed.migrate(connection) }
        #expect(try connection.query("SELECT 1 FROM schema_migrations").count == 1)
    }

    @Test("a file with a lower number than the last applied one is refused")
    func outOfOrder() throws {
        let connection = try PostgresFixture.connection()
        try PostgresMigrator([try steps()[1]].map { try migration("0002_\($0.name).sql", "SELECT 1") })
            .migrate(connection)
        let migrator = try PostgresMigrator([
            try steps()[0], try migration("0002_amount.sql", "SELECT 1"),
        ])
        #expect(throws: PostgresMigrationError.outOfOrder(version: 1, name: "charges", lastApplied: 2)) {
            try migrator.migrate(connection)
        }
    }

    @Test("a step that fails leaves nothing of itself behind and keeps the steps before it")
    func failure() throws {
        let connection = try PostgresFixture.connection()
        let broken = try PostgresMigrator(
            try steps() + [try migration("0003_broken.sql", "CREATE TABLE half (id int); SELECT nonsense")])
        do throws(PostgresMigrationError) {
            try broken.migrate(connection)
            Issue.record("a broken step was accepted")
        } catch {
            guard case .failed(3, "broken", let cause) = error else {
                Issue.record("unexpected error \(error)")
                return
            }
            #expect(cause.sqlState == "42703")
        }
        #expect(try connection.query("SELECT to_regclass('half') AS half").first?.optionalText("half") == nil)
        #expect(try connection.query("SELECT 1 FROM schema_migrations").count == 2)
    }

    @Test("several deployments at once apply every step exactly once")
    func concurrent() async throws {
        let parameters = try PostgresFixture.database()
        let migrator = try PostgresMigrator(try steps())
        let applied = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask { try migrator.migrate(PostgresConnection(parameters: parameters)).count }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(applied.sorted() == [0, 0, 0, 0, 0, 0, 0, 2])
    }

    @Test("folders and names that cannot be right are refused by name")
    func folder() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("migrations-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(throws: PostgresMigrationError.unreadable(path: folder.path, detail: "it holds no .sql file")) {
            try PostgresMigrator(directory: folder.path)
        }
        try Data("notes".utf8).write(to: folder.appendingPathComponent("README.md"))
        try Data("SELECT 1".utf8).write(to: folder.appendingPathComponent("0001_one.sql"))
        #expect(try PostgresMigrator(directory: folder.path).migrate(PostgresFixture.connection()).count == 1)
        try Data("SELECT 1".utf8).write(to: folder.appendingPathComponent("2_two.sql"))
        #expect(throws: PostgresMigrationError.invalidFileName("2_two.sql")) {
            try PostgresMigrator(directory: folder.path)
        }
        #expect(throws: PostgresMigrationError.duplicateVersion(1)) {
            try PostgresMigrator([
                try migration("0001_a.sql", "SELECT 1"), try migration("0001_b.sql", "SELECT 1"),
            ])
        }
        #expect(throws: PostgresMigrationError.self) { try PostgresMigrator(directory: "/nonexistent") }
    }

    @Test("the project's own schemas apply twice", arguments: [PostgresFixture.Schema.ledger, .payment])
    func ownSchemas(_ schema: PostgresFixture.Schema) throws {
        let connection = try PostgresFixture.connection()
        let migrator = try PostgresMigrator(directory: PostgresFixture.migrationsDirectory(schema))
        #expect(try !migrator.migrate(connection).isEmpty)
        #expect(try migrator.migrate(connection).isEmpty)
    }
}
