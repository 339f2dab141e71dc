import Foundation
import LocalEmulator

/// One static library of which something is in a function's program.
struct LinkedLibrary: Equatable {
    let name: String
    let version: String
    /// SPDX licence expression.
    let licence: String
    /// Where it comes from, as a package URL (purl).
    let packageURL: String
    /// What there is to know about this version; empty when there is nothing.
    let note: String
}

/// A library and how much of it the linker took, in bytes of memory.
struct LibraryUse: Equatable {
    let library: LinkedLibrary
    let bytes: Int
}

/// Why the list of libraries cannot be made.
struct BillOfMaterialsError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Which libraries are in a program by the linker's own map (`scripts/linked-libraries`): nothing is listed that is not
/// in it, and nothing in it can be forgotten.
struct LinkEvidence {
    /// The archives by their paths, with the bytes of memory taken from each.
    let archives: [String: Int]

    /// - Parameter file: what `scripts/build-bootstraps` wrote beside the program.
    init(file: String) throws {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
            throw BillOfMaterialsError("\(file) is missing: scripts/build-bootstraps writes it")
        }
        try self.init(lines: text.split(separator: "\n").map(String.init))
    }

    /// - Parameter lines: archive and bytes, separated by a tab.
    init(lines: [String]) throws {
        var archives: [String: Int] = [:]
        for line in lines {
            let fields = line.split(separator: "\t")
            guard fields.count == 2, let bytes = Int(fields[1]) else {
                throw BillOfMaterialsError("\"\(line)\" is no line of scripts/linked-libraries")
            }
            // One library may be reached by several paths: /lib is /usr/lib.
            archives[URL(fileURLWithPath: String(fields[0])).resolvingSymlinksInPath().path, default: 0] += bytes
        }
        guard !archives.isEmpty else {
            throw BillOfMaterialsError("the linker's map names no library: this is no static program")
        }
        self.archives = archives
    }
}
