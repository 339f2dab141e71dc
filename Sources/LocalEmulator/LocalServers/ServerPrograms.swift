import Foundation

/// Finds the programs of the servers.
enum ServerPrograms {
    /// Servers live in `sbin`, which is on no ordinary user's PATH.
    private static let systemDirectories = [
        "/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin",
    ]

    /// The absolute path of a program.
    static func find(_ program: String, server: String, package: String) throws(LocalServerError) -> String {
        try find(program, in: searchPath, server: server, package: package)
    }

    /// The absolute path of a program that is in one of the directories.
    static func find(
        _ program: String, in directories: [String], server: String, package: String
    ) throws(LocalServerError) -> String {
        for directory in directories {
            let path = directory + "/" + program
            if FileManager.default.isExecutableFile(atPath: path) { return path }
        }
        throw .programMissing(server: server, program: program, searched: directories, package: package)
    }

    /// PATH followed by the system's own directories.
    static var searchPath: [String] {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let own = path.split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
        return own + systemDirectories.filter { !own.contains($0) }
    }
}
