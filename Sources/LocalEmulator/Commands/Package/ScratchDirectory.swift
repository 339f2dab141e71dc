import Foundation

/// A directory for files of the moment; it goes with the last reference to it, and when the program is interrupted.
final class ScratchDirectory {
    private let path: String
    private var count = 0

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/fincore-package-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        Interruption.onInterruption { [path] in try? FileManager.default.removeItem(atPath: path) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A name that nothing here has yet.
    func newPath() -> String {
        count += 1
        return "\(path)/\(count)"
    }
}
