import Foundation
import LocalEmulator

/// The SwiftPM package whose executables are packed: this project, or another one (`--project`).
struct PackagedProject {
    /// Its folder, absolute.
    let directory: String
    /// What it is called in a bill of materials.
    let name: String
    /// Whether it is another package than this project.
    let isForeign: Bool
    private let speaksSFTP: Bool

    private static let manifest = "Package.swift"
    /// Names the roots that the functions of another package trust, as `infra/certificate-roots.txt` does for this one's.
    static let certificateList = "certificate-roots.txt"

    /// This project.
    static var own: PackagedProject {
        PackagedProject(directory: ProjectFiles.root, name: "fincore-payments", isForeign: false, speaksSFTP: false)
    }

    private init(directory: String, name: String, isForeign: Bool, speaksSFTP: Bool) {
        (self.directory, self.name, self.isForeign, self.speaksSFTP) = (directory, name, isForeign, speaksSFTP)
    }

    /// The package in a folder that somebody named.
    ///
    /// - Parameter speaksSFTP: whether its programs get the libcurl that speaks SFTP.
    init(foreign path: String, speaksSFTP: Bool) throws(UsageError) {
        // Links are followed: which package it is must not depend on how one got there.
        let folder = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isDirectory), isDirectory.boolValue else {
            throw UsageError(message: "--project takes a folder, and \(path) is none")
        }
        guard FileManager.default.fileExists(atPath: folder + "/" + Self.manifest) else {
            throw UsageError(message: "--project takes the folder of a SwiftPM package: no \(Self.manifest) in \(path)")
        }
        guard folder != URL(fileURLWithPath: ProjectFiles.root).resolvingSymlinksInPath().path else {
            throw UsageError(message: "\(path) is this project itself: leave --project out")
        }
        self.init(
            directory: folder, name: (folder as NSString).lastPathComponent, isForeign: true, speaksSFTP: speaksSFTP)
    }

    /// Where its packages go when the caller names no other place.
    var output: String { directory + "/package" }

    /// Where `scripts/build-bootstraps` puts a program.
    func program(_ name: String) -> String { directory + "/.build/package/release/" + name }

    /// Where `scripts/build-bootstraps` writes down what is linked into a program.
    func linkEvidence(_ name: String) -> String { directory + "/.build/package/libraries/" + name }

    /// Builds programs as they are deployed.
    func build(_ names: [String], onLine: @escaping @Sendable (String) -> Void) throws {
        var options: [String] = []
        if isForeign { options = ["--project", directory] + (speaksSFTP ? ["--sftp"] : []) }
        try Program(script: "build-bootstraps").run(options + names, onLine: onLine)
    }

    /// The roots that a function trusts, as a PEM file.
    func certificates(for name: String) throws -> Data {
        let list = directory + "/" + Self.certificateList
        let arguments =
            if !isForeign {
                [name]
            } else if FileManager.default.fileExists(atPath: list) {
                ["--list", list, name]
            } else {
                // What all functions of this project trust: AWS.
                ["*"]
            }
        let lines = try Program(script: "certificate-bundle").run(arguments)
        return Data(lines.map { $0 + "\n" }.joined().utf8)
    }

    /// What another package's functions have to be: startable on every runtime, and no larger than AWS allows.
    ///
    /// - Parameter names: executables of the package; none stands for all that it has.
    func requirements(for names: [String]) throws -> [PackageRequirements] {
        let known = try Self.executables(describedBy: description())
        guard !known.isEmpty else { throw UsageError(message: "the package in \(directory) has no executable product") }
        if let stranger = names.first(where: { !known.contains($0) }) {
            let list = known.joined(separator: ", ")
            throw UsageError(
                message: "the package in \(directory) has no executable product \(stranger); it has \(list)")
        }
        return (names.isEmpty ? known : names).map { name in
            PackageRequirements(
                function: name, platforms: LambdaPlatform.all, architecture: .ofThisMachine,
                targetBytes: LambdaPlatform.maximumZipBytes)
        }
    }

    /// What SwiftPM says about the package; the products that follow from its targets are among it.
    private func description() throws -> Data {
        let lines = try Program("swift", package: "nothing: see https://www.swift.org/install").run([
            "package", "--package-path", directory, "--scratch-path", directory + "/.build/package", "describe",
            "--type", "json",
        ])
        // SwiftPM may write a remark before the document.
        return Data(lines.drop { !$0.hasPrefix("{") }.joined(separator: "\n").utf8)
    }

    /// The names of the executable products, sorted.
    static func executables(describedBy json: Data) throws -> [String] {
        let document: JSONValue
        do { document = try JSONValue(parsing: json) } catch {
            throw UnreadableDescription(reason: "\(error)")
        }
        return (document["products"]?.arrayValue ?? [])
            .filter { $0["type"]?.objectValue?.keys.contains("executable") == true }
            .compactMap { $0["name"]?.stringValue }.sorted()
    }
}

/// `swift package describe` did not write what it is known to write.
struct UnreadableDescription: Error, CustomStringConvertible {
    let reason: String

    var description: String { "swift package describe wrote no JSON document: \(reason)" }
}
