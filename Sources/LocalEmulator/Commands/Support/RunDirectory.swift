import Foundation
import LocalEmulator

/// The data directory of one run, with a log file for each function; removed at the end unless it is to be kept.
// @unchecked: the files are in a monitor.
final class RunDirectory: @unchecked Sendable {
    let path: String
    private let logs = Monitor<[String: FileHandle]>([:])

    init(_ purpose: String) throws {
        path = try ProjectFiles.temporaryDirectory(purpose)
        try FileManager.default.createDirectory(atPath: path + "/logs", withIntermediateDirectories: true)
    }

    /// Appends a line to a function's log.
    func log(_ function: String, _ line: String) {
        logs.withLock { files in
            if files[function] == nil {
                let file = "\(path)/logs/\(function).log"
                _ = FileManager.default.createFile(atPath: file, contents: nil)
                files[function] = FileHandle(forWritingAtPath: file)
            }
            files[function]?.write(Data((line + "\n").utf8))
        }
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}
