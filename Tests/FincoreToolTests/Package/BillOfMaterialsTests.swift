import Foundation
import LocalEmulator
import Testing

@testable import fincore

@Suite("bills of materials") struct BillOfMaterialsTests {
    private let versions = """
        library\tversion\tlicence\tlinked_by\tstate
        libcurl\t7.88.1-10+deb12u14\tcurl\tevery function\tbehind
        libpq\t15.14-0+deb12u1\tPostgreSQL\tfunctions that use PostgreSQL\tnewest

        """

    private func origins(_ versions: String) throws -> (LibraryOrigins, TestDirectory) {
        let directory = try TestDirectory([
            "versions.tsv": versions,
            "os-release": "NAME=\"Ubuntu\"\nVERSION_ID=\"24.04\"\nID=ubuntu\nID_LIKE=debian\n",
        ])
        return (try LibraryOrigins(nativeFolder: directory.path, release: directory.path + "/os-release"), directory)
    }

    @Test("libraries built here are those of versions.tsv, and their parts are known")
    func native() throws {
        let (origins, directory) = try origins(versions)
        let curl = try origins.library(of: directory.path + "/lib/libcurl.a")
        #expect(curl.name == "libcurl" && curl.version == "7.88.1-10+deb12u14" && curl.licence == "curl")
        #expect(curl.packageURL == "pkg:deb/ubuntu/curl@7.88.1-10%2Bdeb12u14?arch=source")
        #expect(curl.note == "not the newest")
        let part = try origins.library(of: directory.path + "/lib/libpgport_shlib.a")
        #expect(part.name == "libpgport_shlib" && part.version == "15.14-0+deb12u1" && part.note == "")
        #expect(throws: BillOfMaterialsError.self) { try origins.library(of: directory.path + "/lib/libother.a") }
    }

    @Test("libraries of the distribution have the version of their package")
    func debian() throws {
        let (origins, directory) = try origins(versions)
        defer { withExtendedLifetime(directory) {} }
        let libc = try origins.library(of: TestPrograms.libraryFolder + "/libc.a")
        let dpkg = try Program("dpkg-query", package: "dpkg").run(["-W", "-f", "${Version}", "libc6-dev"])
        #expect(libc.name == "libc" && libc.version == dpkg.first && libc.licence == "LGPL-2.1-or-later")
        #expect(throws: BillOfMaterialsError.self) { try origins.library(of: "/opt/nowhere/libsecret.a") }
    }

    @Test("a machine that does not say which distribution it has is an error")
    func namelessDistribution() throws {
        let directory = try TestDirectory(["versions.tsv": versions, "os-release": "NAME=Linux\n"])
        #expect(throws: BillOfMaterialsError.self) {
            _ = try LibraryOrigins(nativeFolder: directory.path, release: directory.path + "/os-release")
        }
    }

    @Test("Swift's libraries have the toolchain's version")
    func swift() throws {
        let (origins, directory) = try origins(versions)
        defer { withExtendedLifetime(directory) {} }
        let core = try origins.library(of: "/opt/swift/usr/lib/swift_static/linux/libswiftCore.a")
        #expect(core.name == "libswiftCore" && core.version.hasPrefix("6."))
        #expect(core.licence == "Apache-2.0 WITH Swift-exception")
    }

    @Test(
        "a table of versions that is missing or damaged is an error",
        arguments: ["", "a\tb\n", "library\tversion\tlicence\tstate\nx\n"])
    func damagedVersions(text: String) {
        #expect(throws: BillOfMaterialsError.self) { _ = try origins(text) }
    }

    @Test(
        "a library's name has no version",
        arguments: [
            ("/usr/lib/libm-2.36.a", "libm"), ("/x/libpgcommon_shlib.a", "libpgcommon_shlib"), ("/x/lib-x.a", "lib-x"),
        ])
    func names(path: String, name: String) {
        #expect(LibraryOrigins.name(of: path) == name)
    }

    @Test("the linker's map says which libraries are in, and nothing that was thrown away")
    func evidence() throws {
        let directory = try TestDirectory([
            "a.c": "#include <math.h>\nint main(int n, char **v) { return (int)sin(n); }", "a.sh": "",
        ])
        let (program, map) = (directory.path + "/a", directory.path + "/a.map")
        try Program("gcc", package: "gcc").run([
            "-static", "-fuse-ld=lld", "-Wl,-Map=" + map, "-o", program, directory.path + "/a.c", "-lm", "-lssl",
            "-lcrypto",
        ])
        // The script is the project's own; tests run from anywhere.
        let script =
            URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/../../../scripts/linked-libraries"
        let archives = try LinkEvidence(lines: try Program(script, package: "").run([map])).archives
        let names = Set(archives.keys.map(LibraryOrigins.name))
        #expect(names.isSuperset(of: ["libc", "libm"]))
        // Asked for, and never used.
        #expect(!names.contains("libssl") && !names.contains("libcrypto"))
        #expect(archives.values.allSatisfy { $0 > 0 })
        #expect(throws: BillOfMaterialsError.self) { try LinkEvidence(lines: []) }
        #expect(throws: BillOfMaterialsError.self) { try LinkEvidence(lines: ["libc.a many"]) }
        #expect(throws: BillOfMaterialsError.self) { try LinkEvidence(file: directory.path + "/none") }
    }

    private static let curl = LinkedLibrary(
        name: "libcurl", version: "7.88.1", licence: "curl", packageURL: "pkg:deb/debian/curl@7.88.1", note: "")
    private static let libpq = LinkedLibrary(
        name: "libpq", version: "15", licence: "PostgreSQL", packageURL: "pkg:deb/debian/postgresql-15@15", note: "old")
    private let bill = BillOfMaterials(
        project: "fincore-payments",
        functions: [
            .init(
                name: "Echo", sha256: String(repeating: "a", count: 64),
                libraries: [LibraryUse(library: curl, bytes: 2_048)]),
            .init(
                name: "Ledger", sha256: String(repeating: "b", count: 64),
                libraries: [LibraryUse(library: curl, bytes: 1_024), LibraryUse(library: libpq, bytes: 700)]),
        ])

    @Test("a table has a line for each library of each function")
    func table() {
        #expect(
            bill.table == [
                "function  library  version  KiB  licence", "Echo      libcurl  7.88.1     2  curl",
                "Ledger    libcurl  7.88.1     1  curl", "Ledger    libpq    15         1  PostgreSQL  old",
            ])
    }

    @Test("a CycloneDX document names each library once, and which function has it")
    func document() throws {
        let document = bill.document
        #expect(document["bomFormat"] == "CycloneDX" && document["specVersion"] == "1.5" && document["version"] == 1)
        let serial = try #require(document["serialNumber"]?.stringValue)
        #expect(
            serial.wholeMatch(of: /urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil
        )
        let components = try #require(document["components"]?.arrayValue)
        #expect(components.compactMap { $0["name"]?.stringValue } == ["Echo", "Ledger", "libcurl", "libpq"])
        let references = components.compactMap { $0["bom-ref"]?.stringValue }
        #expect(Set(references).count == components.count)
        let dependencies = try #require(document["dependencies"]?.arrayValue)
        #expect(
            dependencies.first { $0["ref"] == "function/Ledger" }?["dependsOn"]
                == ["library/libcurl@7.88.1", "library/libpq@15"])
        for target in dependencies.flatMap({ $0["dependsOn"]?.arrayValue ?? [] }) {
            #expect(references.contains(target.stringValue ?? ""))
        }
        #expect(bill.document == document)
    }
}
