import Foundation
import LocalEmulator

extension PackageContents {
    /// Reads a file that somebody named.
    static func read(_ path: String) throws -> Data {
        do { return try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
            throw StackError.unreadableFile(path, reason: error.localizedDescription)
        }
    }
}
