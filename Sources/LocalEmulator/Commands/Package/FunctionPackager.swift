import Foundation

/// Makes a function's package: `NAME/` with its files, and `NAME.zip`, of which every byte follows from these files.
struct FunctionPackager {
    private let output: String
    private let scratch: ScratchDirectory
    private let checker: PackageChecker

    private static let programPermissions: UInt16 = 0o755
    private static let filePermissions: UInt16 = 0o644

    /// - Parameter output: the folder for the packages; it is made when it is missing.
    init(output: String, scratch: ScratchDirectory) {
        (self.output, self.scratch) = (output, scratch)
        checker = PackageChecker(scratch: scratch)
    }

    /// Removes what an earlier run made of a function, so that a run that fails leaves nothing that looks like its own.
    func discard(_ function: String) {
        for path in [zip(function), refused(function), fresh(function), folder(function)] {
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    /// Packs and checks; a package that is refused is kept as `NAME.refused.zip` and takes nobody's place.
    func pack(_ contents: PackageContents, _ requirements: PackageRequirements) throws -> PackageReport {
        let name = requirements.function
        discard(name)
        try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
        try archive(contents).write(to: URL(fileURLWithPath: fresh(name)))
        let report = try checker.check(fresh(name), requirements)
        let place = report.findings.isEmpty ? zip(name) : refused(name)
        try Self.move(fresh(name), to: place)
        if report.findings.isEmpty { try stage(contents, in: folder(name)) }
        return report.moved(to: place)
    }

    private func zip(_ function: String) -> String { "\(output)/\(function).zip" }

    private func refused(_ function: String) -> String { "\(output)/\(function).refused.zip" }

    /// A zip that is not checked yet.
    private func fresh(_ function: String) -> String { "\(output)/.\(function).zip.new" }

    private func folder(_ function: String) -> String { "\(output)/\(function)" }

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
