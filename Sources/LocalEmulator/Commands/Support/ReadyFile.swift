import Foundation
import LocalEmulator

/// A file that tells another program that a server is up and where.
enum ReadyFile {
    /// Writes the document at once or not at all, so that nobody reads half of it.
    static func write(_ document: JSONValue, to path: String) throws {
        try document.serialized().write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
