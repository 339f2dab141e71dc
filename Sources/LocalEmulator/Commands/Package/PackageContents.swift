import Foundation

/// The files of a package, unpacked.
struct PackageContents {
    static let bootstrap = "bootstrap"
    static let certificates = "ca.pem"
    static let libraryFolder = "lib/"

    let files: [String: Data]

    init(files: [String: Data]) {
        self.files = files
    }

    /// Unpacks an archive; folders and encrypted files have no content.
    init(_ archive: ZipArchive, in scratch: ScratchDirectory) throws {
        let total = archive.entries.reduce(0) { $0 + $1.size }
        guard total <= LambdaPlatform.maximumUnzippedBytes else {
            throw ZipError(
                "measures \(total) bytes when unpacked, and AWS takes \(LambdaPlatform.maximumUnzippedBytes) at most")
        }
        var files: [String: Data] = [:]
        for entry in archive.entries where !entry.isEncrypted && !entry.name.hasSuffix("/") {
            switch entry.method {
            case ZipArchive.Method.stored where entry.packed.count == entry.size: files[entry.name] = entry.packed
            case ZipArchive.Method.deflated:
                files[entry.name] = try DeflatedFile(deflated: entry.packed, crc32: entry.crc32, size: entry.size)
                    .unpacked(in: scratch)
            default: throw ZipError("holds \(entry.name), which is neither stored nor deflated")
            }
        }
        self.files = files
    }

    /// The shared libraries in the package, by the name they are asked for.
    var libraries: [String: Data] {
        files.reduce(into: [:]) { libraries, file in
            guard file.key.hasPrefix(Self.libraryFolder) else { return }
            libraries[String(file.key.dropFirst(Self.libraryFolder.count))] = file.value
        }
    }
}
