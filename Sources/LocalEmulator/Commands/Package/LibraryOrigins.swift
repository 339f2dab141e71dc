import Foundation

/// Finds out which version of which project a static library is.
final class LibraryOrigins {
    private let nativeFolder: String
    private let native: [String: NativeLibrary]
    /// What the distribution calls itself, which is also its namespace in package URLs: `debian`, `ubuntu`.
    private let distribution: String
    private var swiftVersion: String?
    private static let dpkg = Program("dpkg-query", package: "dpkg")

    /// One line of `.build/native/versions.tsv`.
    private struct NativeLibrary {
        let version: String
        let licence: String
        let state: String
    }

    /// Archives that are parts of a library of another name.
    private static let parts = ["libpgcommon_shlib": "libpq", "libpgport_shlib": "libpq"]

    /// Licences of what is linked from Debian's own archives, by source package.
    private static let licences = [
        "glibc": "LGPL-2.1-or-later",
        "gcc": "GPL-3.0-or-later WITH GCC-exception-3.1",
        "openssl": "Apache-2.0",
        "zlib": "Zlib",
    ]
    private static let swiftLicence = "Apache-2.0 WITH Swift-exception"

    /// - Parameters:
    ///   - nativeFolder: `.build/native`, with its `versions.tsv`.
    ///   - release: says which distribution this is (os-release(5)).
    init(nativeFolder: String, release: String = "/etc/os-release") throws {
        distribution = try Self.distribution(release)
        self.nativeFolder = URL(fileURLWithPath: nativeFolder).resolvingSymlinksInPath().path
        let table = nativeFolder + "/versions.tsv"
        guard let text = try? String(contentsOfFile: table, encoding: .utf8) else {
            throw BillOfMaterialsError("\(table) is missing: scripts/build-native-libraries writes it")
        }
        native = try Self.read(text, table)
    }

    /// Columns are found by their names, so that others may be added.
    private static func read(_ text: String, _ file: String) throws -> [String: NativeLibrary] {
        let rows = text.split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
        guard let header = rows.first, let name = header.firstIndex(of: "library"),
            let version = header.firstIndex(of: "version"), let licence = header.firstIndex(of: "licence"),
            let state = header.firstIndex(of: "state")
        else { throw BillOfMaterialsError("\(file) does not begin with its columns' names") }
        var libraries: [String: NativeLibrary] = [:]
        for row in rows.dropFirst() {
            guard row.count == header.count else {
                throw BillOfMaterialsError("\(file) has a line of \(row.count) fields")
            }
            libraries[String(row[name])] = NativeLibrary(
                version: String(row[version]), licence: String(row[licence]), state: String(row[state]))
        }
        return libraries
    }

    private static func distribution(_ release: String) throws -> String {
        let lines = (try? String(contentsOfFile: release, encoding: .utf8))?.split(separator: "\n") ?? []
        guard let line = lines.first(where: { $0.hasPrefix("ID=") }) else {
            throw BillOfMaterialsError("\(release) does not say which distribution this is")
        }
        return line.dropFirst(3).trimmingCharacters(in: CharacterSet(charactersIn: "\"' "))
    }

    /// The library an archive is.
    func library(of archive: String) throws -> LinkedLibrary {
        let name = Self.name(of: archive)
        if archive.hasPrefix(nativeFolder + "/") { return try nativeLibrary(name, archive) }
        if archive.contains("/swift_static/") || archive.contains("/lib/clang/") {
            let version = try swiftToolchainVersion()
            return LinkedLibrary(
                name: name, version: version, licence: Self.swiftLicence,
                packageURL: "pkg:github/swiftlang/swift@swift-\(version)-RELEASE", note: "")
        }
        return try debianLibrary(name, archive)
    }

    /// `libm` for `/usr/lib/x86_64-linux-gnu/libm-2.36.a`.
    static func name(of archive: String) -> String {
        let file = ((archive as NSString).lastPathComponent as NSString).deletingPathExtension
        guard let dash = file.lastIndex(of: "-"), file[dash...].dropFirst().allSatisfy({ $0.isNumber || $0 == "." })
        else { return file }
        return String(file[..<dash])
    }

    private func nativeLibrary(_ name: String, _ archive: String) throws -> LinkedLibrary {
        let project = Self.parts[name] ?? name
        guard let entry = native[project] else {
            throw BillOfMaterialsError("\(archive) is linked, and versions.tsv in \(nativeFolder) does not know it")
        }
        return LinkedLibrary(
            name: name, version: entry.version, licence: entry.licence,
            packageURL: packageURL(Self.source(of: project, entry.version), entry.version),
            note: entry.state == "behind" ? "not the newest" : "")
    }

    /// The name of the source package in Debian.
    private static func source(of library: String, _ version: String) -> String {
        switch library {
        case "libcurl": "curl"
        case "libpq": "postgresql-" + version.prefix { $0.isNumber }
        default: library
        }
    }

    private func debianLibrary(_ name: String, _ archive: String) throws -> LinkedLibrary {
        let owner: String
        do {
            owner = try Self.dpkg.run(["--search", archive]).first?.components(separatedBy: ": ").first ?? ""
        } catch is ProgramFailure {
            throw BillOfMaterialsError("\(archive) is linked, and belongs to no package of the distribution")
        }
        let fields =
            try Self.dpkg.run(["--show", "--showformat", "${source:Package}\\t${source:Version}", owner])
            .first?.split(separator: "\t") ?? []
        guard fields.count == 2 else { throw BillOfMaterialsError("dpkg-query does not know the version of \(owner)") }
        let source = String(fields[0])
        // gcc-12 and its successors are one project.
        let project = source.hasPrefix("gcc-") ? "gcc" : source
        guard let licence = Self.licences[project] else {
            throw BillOfMaterialsError(
                "\(archive) of \(source) is linked, and its licence is not known; add it to LibraryOrigins.swift")
        }
        return LinkedLibrary(
            name: name, version: String(fields[1]), licence: licence,
            packageURL: packageURL(source, String(fields[1])), note: "")
    }

    private func swiftToolchainVersion() throws -> String {
        if let swiftVersion { return swiftVersion }
        let text = try Program("swift", package: "nothing: see https://www.swift.org/install").run(["--version"])
            .joined(separator: " ")
        guard let range = text.range(of: "Swift version ") else {
            throw BillOfMaterialsError("swift --version does not name its version")
        }
        let version = String(text[range.upperBound...].prefix { !$0.isWhitespace })
        swiftVersion = version
        return version
    }

    /// Versions may hold characters that stand for something else in a URL.
    private func packageURL(_ source: String, _ version: String) -> String {
        let unreserved = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: ".-_~"))
        let escaped = version.addingPercentEncoding(withAllowedCharacters: unreserved) ?? version
        return "pkg:deb/\(distribution)/\(source)@\(escaped)?arch=source"
    }
}
