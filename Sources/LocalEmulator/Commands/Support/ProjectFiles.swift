import Foundation
import LocalEmulator

/// Where the project's files and programs are.
enum ProjectFiles {
    /// The project's root: `FINCORE_ROOT` (set by `./fincore`), or else the current directory.
    static var root: String {
        ProcessInfo.processInfo.environment["FINCORE_ROOT"] ?? FileManager.default.currentDirectoryPath
    }

    /// The directory this program is in; the functions are built beside it.
    static var binaries: String {
        let path = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "."
        return (path as NSString).deletingLastPathComponent
    }

    /// The stack of this project with its own template and configuration.
    static func stackOptions(dataDirectory: String) -> LocalStack.Options {
        LocalStack.Options(
            templateFile: root + "/infra/functions.json", configurationFile: root + "/infra/local.json",
            binariesDirectory: binaries, dataDirectory: dataDirectory)
    }
}
