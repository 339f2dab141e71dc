import Foundation

/// Makes a function's package: `NAME/` with its files, and `NAME.zip`, of which every byte follows from these files.
struct FunctionPackager {
    private let output: String
    private let scratch: ScratchDirectory
    private let checker: PackageChecker

    private static let programPermissions: UInt16 = 0o755
    private static let filePermissions: UInt16 = 0o644

    /// - Parameter output: the folder for the packages; it is made when it is missing.
    init(output: String, scratch: ScratchDirectory) throws {
        (self.output, self.scratch) = (output, scratch)
        checker = PackageChecker(scratch: scratch)
        try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
    }

    /// Packs and checks; a package that is refused is kept as `NAME.refused.zip` and takes nobody's place.
    func pack(_ contents: PackageContents, _ requirements: PackageRequirements) throws -> PackageReport {
        let name = requirements.function
        let zip = "\(output)/\(name).zip"
        let refused = "\(output)/\(name).refused.zip"
        let fresh = "\(output)/.\(name).zip.new"
        let folder = "\(output)/\(name)"
        if !isPacked(contents, in: zip) {
            try archive(contents).write(to: URL(fileURLWithPath: fresh))
        } else {
            try Self.move(zip, to: fresh)
        }
        // What an interrupted or refused run leaves behind must not look like this run's result.
        for path in [zip, refused, folder] { try? FileManager.default.removeItem(atPath: path) }
        let report = try checker.check(fresh, requirements)
        let place = report.findings.isEmpty ? zip : refused
        try Self.move(fresh, to: place)
        if report.findings.isEmpty { try stage(contents, in: folder) }
        return report.moved(to: place)
    }

    /// Whether a zip holds just this already: packing takes longer than looking.
    private func isPacked(_ contents: PackageContents, in zip: String) -> Bool {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: zip)), let archive = try? ZipArchive(data),
            let packed = try? PackageContents(archive, in: scratch)
        else { return false }
        return packed.files == contents.files && archive.entries.allSatisfy { $0.method == ZipArchive.Method.deflated }
    }

    private func archive(_ contents: PackageContents) throws -> Data {
        var writer = ZipWriter()
        for (name, content) in contents.files.sorted(by: { $0.key < $1.key }) {
            writer.add(name, permissions: Self.permissions(name), try DeflatedFile(packing: content, in: scratch))
        }
        return writer.archive()
    }

    private func stage(_ contents: PackageContents, in folder: String) throws {
        for (name, content) in contents.files {
            let file = URL(fileURLWithPath: folder).appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try content.write(to: file)
            try FileManager.default.setAttributes(
                [.posixPermissions: Int(Self.permissions(name))], ofItemAtPath: file.path)
        }
    }

    private static func permissions(_ name: String) -> UInt16 {
        name == PackageContents.bootstrap ? programPermissions : filePermissions
    }

    private static func move(_ path: String, to place: String) throws {
        guard rename(path, place) == 0 else {
            throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: place])
        }
    }
}

extension PackageReport {
    fileprivate func moved(to place: String) -> PackageReport {
        PackageReport(
            function: function, zip: place, zipBytes: zipBytes, bootstrapBytes: bootstrapBytes, sha256: sha256,
            findings: findings)
    }
}
