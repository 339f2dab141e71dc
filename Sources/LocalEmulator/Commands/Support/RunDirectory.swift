import Foundation
import LocalEmulator

/// The private data directory of one run, with a log file for each function.
// @unchecked: the files are in a monitor.
final class RunDirectory: @unchecked Sendable {
    let path: String
    private let logs = Monitor<[String: FileHandle]>([:])

    /// Makes a fresh directory that is removed when the program is interrupted.
    init(_ purpose: String) throws {
        path = try Self.make(purpose)
        try FileManager.default.createDirectory(atPath: path + "/logs", withIntermediateDirectories: true)
        Interruption.onInterruption { [self] in remove() }
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
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            Console().error("\(path) could not be removed: \(error.localizedDescription)")
        }
    }

    /// The name cannot be guessed or taken beforehand; others may pass through but not look in, because the servers'
    /// own accounts have their directories below.
    private static func make(_ purpose: String) throws -> String {
        let pattern = FileManager.default.temporaryDirectory.path + "/fincore-\(purpose)-XXXXXX"
        var name = Array(pattern.utf8CString)
        guard mkdtemp(&name) != nil else {
            throw StackError.unreadableFile(pattern, reason: String(cString: strerror(errno)))
        }
        let path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        chmod(path, 0o711)
        return path
    }
}
