/// One step of a database's schema: a file named `NNNN_what_it_does.sql`.
public struct PostgresMigration: Sendable, Equatable {
    /// The number in front of the name, from 1.
    public let version: Int64
    /// The name behind the number, without `.sql`.
    public let name: String
    /// The file's text.
    public let script: String

    /// A step from a file's name and text; `nil` when the name is not of the form above.
    public init?(fileName: String, script: String) {
        let suffix = ".sql"
        guard fileName.hasSuffix(suffix) else { return nil }
        let parts = fileName.dropLast(suffix.count).split(separator: "_", maxSplits: 1)
        guard parts.count == 2, parts[0].count == 4, parts[0].utf8.allSatisfy({ (48...57).contains($0) }),
            let version = Int64(parts[0]), version > 0
        else { return nil }
        self.version = version
        name = String(parts[1])
        self.script = script
    }
}

/// Why a schema could not be brought up to date.
public enum PostgresMigrationError: Error, Sendable, Equatable {
    /// The folder cannot be read or holds no migration.
    case unreadable(path: String, detail: String)
    /// A file whose name is not `NNNN_name.sql`.
    case invalidFileName(String)
    /// Two files with one number.
    case duplicateVersion(Int64)
    /// A file that was applied has changed since: what stands in the database is not what stands in the folder.
    case changed(version: Int64, name: String)
    /// A file has a lower number than one already applied: it would run in another order than elsewhere.
    case outOfOrder(version: Int64, name: String, lastApplied: Int64)
    /// A step failed; it left nothing behind, the steps before it stand.
    case failed(version: Int64, name: String, PostgresError)
    /// The database could not be asked.
    case database(PostgresError)
}

extension PostgresMigrationError: CustomStringConvertible {
    /// One line: what is wrong and what to do about it.
    public var description: String {
        switch self {
        case .unreadable(let path, let detail): "cannot read migrations in \(path): \(detail)"
        case .invalidFileName(let name): "migration \(name): the name must be NNNN_what_it_does.sql"
        case .duplicateVersion(let version): "two migrations have the number \(version): renumber the newer one"
        case .changed(let version, let name):
            "migration \(version)_\(name) was changed after it had been applied: restore it and write a new one"
        case .outOfOrder(let version, let name, let lastApplied):
            "migration \(version)_\(name) is older than \(lastApplied), which is applied: give it a higher number"
        case .failed(let version, let name, let error): "migration \(version)_\(name): \(error)"
        case .database(let error): "\(error)"
        }
    }
}
