import Cryptography
import Foundation

/// What the check of a package found.
struct PackageReport {
    let function: String
    let zip: String
    let zipBytes: Int
    /// `nil` when there is none.
    let bootstrapBytes: Int?
    let sha256: String
    let findings: [PackageFinding]
}

/// Checks a finished zip, as AWS would get it, against what its function has to be.
struct PackageChecker {
    private let scratch: ScratchDirectory
    private static let rebuild = "make it again with ./fincore package"

    init(scratch: ScratchDirectory) {
        self.scratch = scratch
    }

    /// Reads and checks a zip.
    ///
    /// - Throws: when the file cannot be read or a program is missing; what is wrong with the zip is in the report.
    func check(_ path: String, _ requirements: PackageRequirements) throws -> PackageReport {
        let data = try PackageContents.read(path)
        var findings = sizeFindings(data.count, requirements)
        var contents = PackageContents(files: [:])
        do {
            let archive = try ZipArchive(data)
            findings += Self.entryFindings(archive.entries)
            contents = try PackageContents(archive, in: scratch)
            findings += Self.contentFindings(contents, requirements)
        } catch let error as ZipError {
            findings.append(PackageFinding(nil, error.description, remedy: Self.rebuild))
        }
        return PackageReport(
            function: requirements.function, zip: path, zipBytes: data.count,
            bootstrapBytes: contents.files[PackageContents.bootstrap]?.count, sha256: SHA256.hexDigest(data),
            findings: findings)
    }

    /// What is wrong with files that were unpacked already.
    static func contentFindings(_ contents: PackageContents, _ requirements: PackageRequirements) -> [PackageFinding] {
        var findings: [PackageFinding] = []
        if let bootstrap = contents.files[PackageContents.bootstrap] {
            findings += ProgramCheck(requirements, contents).findings(bootstrap)
        }
        if let certificates = contents.files[PackageContents.certificates], CertificateBundle(pem: certificates) == nil
        {
            findings.append(
                PackageFinding(
                    PackageContents.certificates, "is not a list of PEM certificates",
                    remedy: "look at infra/certificate-roots.txt and scripts/certificate-bundle"))
        }
        return findings
    }

    private func sizeFindings(_ bytes: Int, _ requirements: PackageRequirements) -> [PackageFinding] {
        if bytes > LambdaPlatform.maximumZipBytes {
            return [
                PackageFinding(
                    nil, "measures \(bytes) bytes, and AWS takes \(LambdaPlatform.maximumZipBytes) at most",
                    remedy: "find out what came in by ./fincore package --sbom \(requirements.function)")
            ]
        }
        guard bytes > requirements.targetBytes else { return [] }
        return [
            PackageFinding(
                nil, "measures \(bytes) bytes, more than this project's target of \(requirements.targetBytes)",
                remedy: "find out what came in by ./fincore package --sbom \(requirements.function)")
        ]
    }
}
