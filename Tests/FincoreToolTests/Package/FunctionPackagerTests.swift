import Foundation
import Testing

@testable import fincore

@Suite("packaging") struct FunctionPackagerTests {
    private let directory: TestDirectory
    private let packager: FunctionPackager

    init() throws {
        directory = try TestDirectory()
        packager = FunctionPackager(output: directory.path + "/package", scratch: try ScratchDirectory())
    }

    private var made: [String] {
        (FileManager.default.enumerator(atPath: directory.path + "/package")?.compactMap { $0 as? String } ?? [])
            .sorted()
    }

    private func contents(_ program: Data) -> PackageContents {
        PackageContents(files: ["bootstrap": program, "ca.pem": Data(TestPrograms.certificate.utf8)])
    }

    @Test("a package is a zip and a folder with the same files")
    func good() throws {
        let program = try TestPrograms.staticProgram()
        let report = try packager.pack(contents(program), TestPrograms.requirements())
        #expect(report.findings == [])
        #expect(report.bootstrapBytes == program.count)
        #expect(report.zip == directory.path + "/package/Probe.zip")
        #expect(made == ["Probe", "Probe.zip", "Probe/bootstrap", "Probe/ca.pem"])
        let folder = directory.path + "/package/Probe"
        #expect(FileManager.default.isExecutableFile(atPath: folder + "/bootstrap"))
        #expect(try directory.read("package/Probe/bootstrap") == program)
    }

    @Test("packing the same again changes nothing; packing something else replaces it")
    func again() throws {
        let first = try packager.pack(contents(try TestPrograms.staticProgram()), TestPrograms.requirements())
        let same = try packager.pack(
            contents(try directory.read("package/Probe/bootstrap")), TestPrograms.requirements())
        #expect(same.sha256 == first.sha256)
        let other = try packager.pack(
            contents(try TestPrograms.compile(["-static", "-s"])), TestPrograms.requirements())
        #expect(other.sha256 != first.sha256)
        #expect(made == ["Probe", "Probe.zip", "Probe/bootstrap", "Probe/ca.pem"])
    }

    @Test("a zip of the same files with other dates and modes is replaced: the same input gives the same bytes")
    func otherBytes() throws {
        let contents = contents(try TestPrograms.staticProgram())
        let first = try packager.pack(contents, TestPrograms.requirements())
        let zip = URL(fileURLWithPath: first.zip)
        let bytes = try Data(contentsOf: zip)
        var other = bytes
        // The date in the first file's record (APPNOTE 4.3.7), which no content depends on.
        other[13] ^= 2
        try other.write(to: zip)
        #expect(try packager.pack(contents, TestPrograms.requirements()).sha256 == first.sha256)
        #expect(try Data(contentsOf: zip) == bytes)
    }

    @Test("what is discarded is gone, packed or refused; other functions' packages stay")
    func discarded() throws {
        _ = try packager.pack(contents(try TestPrograms.staticProgram()), TestPrograms.requirements())
        packager.discard("Other")
        #expect(made == ["Probe", "Probe.zip", "Probe/bootstrap", "Probe/ca.pem"])
        packager.discard("Probe")
        #expect(made == [])
        _ = try packager.pack(contents(Data("#!/bin/sh\n".utf8)), TestPrograms.requirements())
        packager.discard("Probe")
        #expect(made == [])
    }

    @Test("a package that is refused takes the place of the one before, so that nobody deploys either")
    func refused() throws {
        _ = try packager.pack(contents(try TestPrograms.staticProgram()), TestPrograms.requirements())
        let report = try packager.pack(contents(Data("#!/bin/sh\n".utf8)), TestPrograms.requirements())
        #expect(report.findings.count == 1)
        #expect(report.zip == directory.path + "/package/Probe.refused.zip")
        #expect(made == ["Probe.refused.zip"])
        _ = try packager.pack(contents(try TestPrograms.staticProgram()), TestPrograms.requirements())
        #expect(made == ["Probe", "Probe.zip", "Probe/bootstrap", "Probe/ca.pem"])
    }

    @Test("a package larger than the target is refused, and says by how much")
    func tooLarge() throws {
        let report = try packager.pack(
            contents(try TestPrograms.staticProgram()), TestPrograms.requirements(targetBytes: 999))
        #expect(
            report.findings.map(\.problem) == [
                "measures \(report.zipBytes) bytes, more than this project's target of 999"
            ])
    }
}
