import Foundation
import PostgresClient

/// The foreign servers of a stack, each private to it.
final class LocalServers: Sendable {
    private let postgres: PostgresServer
    private let redis: RedisServer
    private let sftp: SFTPServer

    /// Starts them side by side; if one cannot start, none is left running.
    init(dataDirectory: String) throws {
        postgres = PostgresServer(dataDirectory: dataDirectory + "/postgres")
        redis = RedisServer(dataDirectory: dataDirectory + "/redis")
        sftp = SFTPServer(dataDirectory: dataDirectory + "/sftp")
        let failure = Monitor<(any Error)?>(nil)
        let group = DispatchGroup()
        let starts: [@Sendable () throws -> Void] = [postgres.start, redis.start, sftp.start]
        for start in starts {
            group.enter()
            Thread {
                do { try start() } catch { failure.withLock { $0 = $0 ?? error } }
                group.leave()
            }.start()
        }
        group.wait()
        if let error = failure.read({ $0 }) {
            stop()
            throw error
        }
    }

    /// Where the PSP's settlement files are laid down.
    var settlementDirectory: String { sftp.rootDirectory }

    /// What the local configuration may refer to.
    var values: [String: String] {
        var values = [
            "redis.url": redis.url, "sftp.port": String(sftp.port), "sftp.username": sftp.username,
            "sftp.privateKey": sftp.privateKey, "sftp.hostKeySHA256": sftp.hostKeySHA256,
            "sftp.directory": sftp.remoteDirectory,
        ]
        if let parameters = try? postgres.parameters(database: "postgres") {
            values["postgres.host"] = parameters.host
            values["postgres.port"] = String(parameters.port)
            values["postgres.username"] = parameters.username
            values["postgres.password"] = parameters.password ?? ""
        }
        return values
    }

    /// Makes the databases and brings each to its newest version.
    ///
    /// - Returns: how to connect to each, by role.
    func createDatabases(_ configuration: LocalConfiguration, relativeTo file: String) throws
        -> [String: PostgresParameters]
    {
        let base = URL(fileURLWithPath: file).deletingLastPathComponent()
        var result: [String: PostgresParameters] = [:]
        for (role, database) in try configuration.databases() {
            try postgres.createDatabase(database.name)
            let parameters = try postgres.parameters(database: database.name)
            let migrator = try PostgresMigrator(directory: base.appendingPathComponent(database.migrations).path)
            _ = try migrator.migrate(try PostgresConnection(parameters: parameters))
            result[role] = parameters
        }
        return result
    }

    /// Stops them side by side.
    func stop() {
        let group = DispatchGroup()
        let stops: [@Sendable () -> Void] = [postgres.stop, redis.stop, sftp.stop]
        for stop in stops {
            group.enter()
            Thread {
                stop()
                group.leave()
            }.start()
        }
        group.wait()
    }
}
