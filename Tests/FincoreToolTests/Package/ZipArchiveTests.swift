import Foundation
import Testing

@testable import fincore

@Suite("zip archives") struct ZipArchiveTests {
    private let scratch: ScratchDirectory
    private let text = Data(String(repeating: "FinCore ", count: 500).utf8)

    init() throws {
        scratch = try ScratchDirectory()
    }

    private func archive() throws -> Data {
        var writer = ZipWriter()
        writer.add("bootstrap", permissions: 0o755, try DeflatedFile(packing: text, in: scratch))
        writer.add("lib/empty.so", permissions: 0o644, try DeflatedFile(packing: Data(), in: scratch))
        return writer.archive()
    }

    @Test("what was written is read back, with permissions and contents")
    func roundTrip() throws {
        let zip = try ZipArchive(try archive())
        #expect(zip.entries.map(\.name) == ["bootstrap", "lib/empty.so"])
        #expect(zip.entries.map(\.mode) == [0o100_755, 0o100_644])
        let contents = try PackageContents(zip, in: scratch)
        #expect(contents.files == ["bootstrap": text, "lib/empty.so": Data()])
        #expect(contents.libraries == ["empty.so": Data()])
    }

    @Test("the same files always give the same bytes")
    func reproducible() throws {
        #expect(try archive() == archive())
    }

    @Test("other programs read it")
    func foreignReader() throws {
        let directory = try TestDirectory()
        try archive().write(to: URL(fileURLWithPath: directory.path + "/a.zip"))
        let script = """
            import sys, zipfile
            archive = zipfile.ZipFile(sys.argv[1])
            assert archive.testzip() is None
            for entry in archive.infolist():
                print(entry.filename, oct(entry.external_attr >> 16), entry.date_time, len(entry.extra), entry.file_size)
            """
        let lines = try Program("python3", package: "python3").run(["-c", script, directory.path + "/a.zip"])
        #expect(
            lines == [
                "bootstrap 0o100755 (1980, 1, 1, 0, 0, 0) 0 4000", "lib/empty.so 0o100644 (1980, 1, 1, 0, 0, 0) 0 0",
            ])
    }

    @Test("a comment at the end does no harm")
    func comment() throws {
        var data = try archive()
        data[data.count - 2] = 5
        #expect(try ZipArchive(data + Data("hello".utf8)).entries.count == 2)
    }

    @Test("damaged content is refused")
    func damagedContent() throws {
        var data = try archive()
        data[50] ^= 0xFF
        let zip = try ZipArchive(data)
        #expect(throws: ZipError.damaged) { try PackageContents(zip, in: scratch) }
    }

    @Test("a file that unpacks to more than it says is stopped, not written to disk")
    func lyingSize() throws {
        let honest = try DeflatedFile(packing: Data(count: 4_000_000), in: scratch)
        let liar = DeflatedFile(deflated: honest.deflated, crc32: honest.crc32, size: 1_000)
        #expect(throws: ZipError.damaged) { try liar.unpacked(in: scratch) }
    }

    @Test("what would unpack to more than AWS takes is not unpacked")
    func bomb() throws {
        var writer = ZipWriter()
        writer.add(
            "bootstrap", permissions: 0o755,
            DeflatedFile(deflated: Data(), crc32: 0, size: LambdaPlatform.maximumUnzippedBytes + 1))
        let zip = try ZipArchive(writer.archive())
        #expect(throws: ZipError.self) { try PackageContents(zip, in: scratch) }
    }

    @Test("whatever the bytes are, reading ends with an archive or an error")
    func fuzzed() throws {
        let data = try archive()
        for length in 0..<data.count { #expect(throws: ZipError.self) { try ZipArchive(data.prefix(length)) } }
        var random = SeededGenerator(seed: 4)
        var refused = 0
        for _ in 0..<3_000 {
            var damaged = data
            damaged[Int.random(in: damaged.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            if (try? ZipArchive(damaged)) == nil { refused += 1 }
        }
        #expect(refused > 0)
    }
}
