import Foundation

/// The programs of a PostgreSQL server installation, which Debian keeps off the PATH, one directory per version.
struct PostgresPrograms: Sendable {
    let initdb: String
    let postgres: String

    private static let versionsDirectory = "/usr/lib/postgresql"

    /// Finds an installation: the one `pg_config` names, else the newest of Debian's, else one on the PATH.
    static func find(server: String) throws(LocalServerError) -> PostgresPrograms {
        let directories =
            [configuredDirectory(server)].compactMap(\.self) + versionDirectories()
            + ServerPrograms.searchPath
        // Both must come from one installation: the client package alone brings neither.
        let complete = directories.first { directory in
            ["initdb", "postgres"].allSatisfy { FileManager.default.isExecutableFile(atPath: directory + "/" + $0) }
        }
        guard let complete else {
            throw .programMissing(
                server: server, program: "postgres", searched: directories, package: "postgresql")
        }
        return PostgresPrograms(initdb: complete + "/initdb", postgres: complete + "/postgres")
    }

    private static func configuredDirectory(_ server: String) -> String? {
        guard let program = try? ServerPrograms.find("pg_config", server: server, package: "libpq-dev"),
            let account = try? ServerAccount.forServer(server, preferring: PostgresServer.accounts),
            let printed = try? ServerProcess.run(program, ["--bindir"], server: server, account: account)
        else { return nil }
        return printed.first
    }

    private static func versionDirectories() -> [String] {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: versionsDirectory)) ?? []
        return versions.sorted { (Double($0) ?? 0) > (Double($1) ?? 0) }.map { "\(versionsDirectory)/\($0)/bin" }
    }
}
