import Foundation
import Testing

@testable import fincore

@Suite("the files of packages") struct PackageEntriesTests {
    private func entry(_ name: String, mode: UInt16? = 0o100_755, isEncrypted: Bool = false) -> ZipArchive.Entry {
        ZipArchive.Entry(
            name: name, mode: mode, method: ZipArchive.Method.deflated, crc32: 0, size: 0, isEncrypted: isEncrypted,
            packed: Data())
    }

    private func problems(_ entries: [ZipArchive.Entry]) -> [String] {
        PackageChecker.entryFindings(entries).map { "\($0.file ?? "")|\($0.problem)" }
    }

    private let certificates = ZipArchive.Entry(
        name: "ca.pem", mode: 0o100_644, method: ZipArchive.Method.deflated, crc32: 0, size: 0, isEncrypted: false,
        packed: Data())

    @Test("a program, certificates and libraries may be there")
    func good() {
        #expect(problems([entry("bootstrap"), certificates, entry("lib/libm.so.6")]) == [])
    }

    @Test("program and certificates must be there, at the top level")
    func missing() {
        #expect(problems([certificates]) == ["bootstrap|is missing"])
        #expect(problems([entry("bootstrap")]) == ["ca.pem|is missing"])
        #expect(
            problems([entry("Worker/bootstrap"), certificates]) == [
                "Worker/bootstrap|does not belong into a package",
                "bootstrap|is not at the top level but in Worker/bootstrap",
            ])
    }

    @Test(
        "everything else is a stray file",
        arguments: [
            "README.md", "lib/", "lib/x/y.so", "lib/readme", "../bootstrap", "/bootstrap", ".env", "bootstrap.debug",
            "bootstrap/",
        ])
    func stray(name: String) {
        #expect(
            problems([entry("bootstrap"), certificates, entry(name)]) == ["\(name)|does not belong into a package"])
    }

    @Test("the program must be executable by everybody, and a regular file")
    func permissions() {
        #expect(
            problems([entry("bootstrap", mode: 0o100_644), certificates])
                == ["bootstrap|has the permissions 0644; Lambda runs it as another user"])
        #expect(
            problems([entry("bootstrap", mode: 0o100_700), certificates])
                == ["bootstrap|has the permissions 0700; Lambda runs it as another user"])
        #expect(problems([entry("bootstrap", mode: 0o120_777), certificates]) == ["bootstrap|is not a regular file"])
        #expect(problems([entry("bootstrap", mode: nil), certificates]) == ["bootstrap|carries no Unix permissions"])
    }

    @Test("nothing may be there twice or encrypted")
    func oddities() {
        #expect(problems([entry("bootstrap"), entry("bootstrap"), certificates]) == ["bootstrap|is there twice"])
        #expect(problems([entry("bootstrap", isEncrypted: true), certificates]) == ["bootstrap|is encrypted"])
    }

    @Test("a finding names the zip, the file, what is wrong and what to do")
    func line() {
        let finding = PackageFinding("bootstrap", "is missing", remedy: "build it")
        #expect(finding.line(zip: "package/Worker.zip") == "package/Worker.zip: bootstrap is missing; build it")
        #expect(PackageFinding(nil, "is no zip", remedy: "x").line(zip: "a.zip") == "a.zip: is no zip; x")
    }
}
