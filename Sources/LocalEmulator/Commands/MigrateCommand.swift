import Foundation
import LocalEmulator
import PostgresClient

/// `fincore migrate`
struct MigrateCommand: Command {
    static let name = "migrate"
    static let summary = "bring a database to its newest version, as a deployment does before its functions"
    static let usage: [(form: String, help: String)] = [
        ("payment|ledger", "which database's migrations"),
        ("--host H --port N --database D --user U", "where it is; the password comes from PGPASSWORD"),
    ]

    private let role: String
    private let parameters: PostgresParameters

    init(_ arguments: inout Arguments) throws(UsageError) {
        let host = try arguments.option("--host") ?? "127.0.0.1"
        let port = try arguments.number("--port", in: 1...65_535) ?? PostgresParameters.defaultPort
        let database = try arguments.option("--database")
        let user = try arguments.option("--user") ?? "postgres"
        role = try arguments.positional("payment or ledger")
        guard role == "payment" || role == "ledger" else {
            throw UsageError(message: "\"\(role)\" is neither payment nor ledger")
        }
        parameters = PostgresParameters(
            host: host, port: port, database: database ?? role + "db", username: user,
            password: ProcessInfo.processInfo.environment["PGPASSWORD"])
    }

    func run(_ console: Console) throws -> Int32 {
        let directory = "\(ProjectFiles.root)/infra/migrations/\(role)db"
        let applied = try PostgresMigrator(directory: directory)
            .migrate(try PostgresConnection(parameters: parameters))
        if applied.isEmpty { console.print("\(parameters.database) is up to date") }
        for migration in applied { console.print("applied \(migration.version) \(migration.name)") }
        return ExitCode.success
    }
}
