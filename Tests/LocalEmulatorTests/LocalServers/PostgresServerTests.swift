import Foundation
import PostgresClient
import Testing

@testable import LocalEmulator

@Suite struct PostgresServerTests {
    private func psql(_ server: PostgresServer, _ statement: String, password: String? = nil) throws -> ClientProgram {
        let parameters = try server.parameters(database: "ledger")
        return try ClientProgram(
            "psql",
            [
                "-h", parameters.host, "-p", "\(parameters.port)", "-U", parameters.username, "-d", "ledger", "-w",
                "-Atc", statement,
            ],
            environment: ["PGPASSWORD": password ?? parameters.password ?? ""])
    }

    @Test func aRealClientConnectsAndDataSurvivesARestart() throws {
        let folder = try TemporaryFolder()
        let server = PostgresServer(dataDirectory: folder.path + "/postgres")
        try server.start()
        try server.createDatabase("ledger")
        try server.createDatabase("ledger")
        #expect(try psql(server, "CREATE TABLE kept AS SELECT 42 AS value").succeeded)
        server.stop()
        #expect(server.port == 0 && server.processID == nil)
        try server.start()
        defer { server.stop() }
        #expect(try psql(server, "SELECT value FROM kept").output == "42")
        let connection = try PostgresConnection(parameters: server.parameters(database: "ledger"))
        #expect(try connection.query("SELECT value FROM kept").first?.integer("value") == 42)
    }

    @Test func aWrongPasswordIsRefusedAndTheSocketStaysPrivate() throws {
        let folder = try TemporaryFolder()
        let server = PostgresServer(dataDirectory: folder.path + "/postgres")
        try server.start()
        defer { server.stop() }
        try server.createDatabase("ledger")
        let refused = try psql(server, "SELECT 1", password: "wrong")
        #expect(!refused.succeeded && refused.output.contains("password authentication failed"))
        let socket = try #require(server.socketDirectory)
        #expect(FileManager.default.fileExists(atPath: "\(socket)/.s.PGSQL.\(server.port)"))
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.path + "/postgres")
        #expect(attributes[.posixPermissions] as? Int == 0o700)
    }

    @Test func aServerKilledWithItsDataStartsAgain() throws {
        let folder = try TemporaryFolder()
        let server = PostgresServer(dataDirectory: folder.path + "/postgres")
        try server.start()
        try server.createDatabase("ledger")
        #expect(try psql(server, "CREATE TABLE kept AS SELECT 1").succeeded)
        let processID = try #require(server.processID)
        kill(processID, SIGKILL)
        #expect(eventually { !isAlive(processID) })
        server.stop()
        try server.start()
        defer { server.stop() }
        #expect(try psql(server, "SELECT count(*) FROM kept").output == "1")
    }

    @Test func aBrokenClusterIsReportedWithTheServersOwnWords() throws {
        let folder = try TemporaryFolder()
        let server = PostgresServer(dataDirectory: folder.path + "/postgres")
        try server.start()
        server.stop()
        try Data("9.1\n".utf8).write(to: URL(fileURLWithPath: folder.path + "/postgres/cluster/PG_VERSION"))
        let error = #expect(throws: LocalServerError.self) { try server.start() }
        guard case .diedAtStart("PostgreSQL", _, let lines) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(lines.joined().contains("incompatible"))
        #expect(error?.description.contains("incompatible") == true)
    }

    @Test func anAbandonedInitdbIsNotTakenForACluster() throws {
        let folder = try TemporaryFolder()
        let unfinished = folder.path + "/postgres/cluster.unfinished/base"
        try FileManager.default.createDirectory(atPath: unfinished, withIntermediateDirectories: true)
        let server = PostgresServer(dataDirectory: folder.path + "/postgres")
        try server.start()
        server.stop()
    }

    @Test func aPathTooLongForASocketLeavesTCP() throws {
        let folder = try TemporaryFolder()
        let server = PostgresServer(
            dataDirectory: folder.path + "/" + String(repeating: "long", count: 25) + "/postgres")
        #expect(server.socketDirectory == nil)
        try server.start()
        defer { server.stop() }
        try server.createDatabase("ledger")
        #expect(try psql(server, "SELECT 1").output == "1")
    }

    @Test func withoutAServerThereAreNoParameters() throws {
        let folder = try TemporaryFolder()
        let server = PostgresServer(dataDirectory: folder.path + "/postgres")
        #expect(throws: LocalServerError.notRunning(server: "PostgreSQL")) {
            try server.parameters(database: "postgres")
        }
    }
}
