import Foundation
import Testing

@testable import fincore

@Suite("ELF files") struct ELFFileTests {
    @Test("a dynamic program names its loader, its libraries and the versions of their symbols")
    func dynamicProgram() throws {
        let file = try ELFFile(try Data(contentsOf: URL(fileURLWithPath: "/bin/ls")))
        #expect(file.machine == TestPrograms.architecture.machine)
        #expect(file.isProgram)
        #expect(file.hasEntryPoint)
        #expect(!file.isStatic)
        #expect(file.interpreter == TestPrograms.architecture.loader)
        #expect(file.needed.contains("libc.so.6"))
        let glibc = try #require(file.newestGlibc)
        #expect(glibc >= GlibcVersion(2, 17))
        #expect(file.versionNeeds.contains { $0.library == "libc.so.6" && $0.versions.count > 1 })
        #expect(!file.hasWritableCode)
    }

    @Test("what is read is what readelf reads")
    func againstReadelf() throws {
        let readelf = Program("readelf", package: "binutils")
        for path in [
            "/bin/ls", "\(TestPrograms.libraryFolder)/libcurl.so.4", "\(TestPrograms.libraryFolder)/libc.so.6",
        ] {
            let file = try ELFFile(try Data(contentsOf: URL(fileURLWithPath: path)))
            let dynamic = try readelf.run(["--dynamic", "--wide", path])
            #expect(
                file.needed
                    == dynamic.filter { $0.contains("(NEEDED)") }.compactMap {
                        $0.split(whereSeparator: "[]".contains).last
                    }
                    .map(String.init))
            let versions = try readelf.run(["--version-info", "--wide", path])
                .drop { !$0.hasPrefix("Version needs section") }
                .compactMap { line in line.range(of: "Name: ").map { line[$0.upperBound...].prefix { $0 != " " } } }
            #expect(file.versionNeeds.flatMap(\.versions) == versions.map(String.init))
        }
    }

    @Test("a static program needs nothing", arguments: [["-static"], ["-static-pie"], ["-static", "-s"]])
    func staticProgram(options: [String]) throws {
        let file = try ELFFile(try TestPrograms.compile(options))
        #expect(file.isStatic)
        #expect(file.isProgram)
        #expect(file.hasEntryPoint)
        #expect(file.newestGlibc == nil)
        #expect(file.versionNeeds == [])
    }

    @Test("a library is no program, though it needs nothing and may begin somewhere")
    func library() throws {
        for options in [["-shared", "-nostdlib", "-fPIC"], ["-shared", "-nostdlib", "-fPIC", "-Wl,-e,main"]] {
            #expect(try !ELFFile(try TestPrograms.compile(options)).isProgram)
        }
    }

    @Test("a program has to begin in its code", arguments: ["0", "data"])
    func entryPoint(place: String) throws {
        let file = try ELFFile(
            try TestPrograms.compile(
                ["-static", "-Wl,-e,\(place)"], "int data = 1; int main(void) { return data; }"))
        #expect(file.isProgram && !file.hasEntryPoint)
    }

    @Test("of two kinds of search path only the one before LD_LIBRARY_PATH is told")
    func searchPaths() throws {
        let early = try ELFFile(try TestPrograms.compile(["-Wl,--disable-new-dtags,-rpath=/a:/b"]))
        let late = try ELFFile(try TestPrograms.compile(["-Wl,--enable-new-dtags,-rpath=/a:/b"]))
        #expect(early.searchPaths == ["/a", "/b"])
        #expect(late.searchPaths == [])
    }

    @Test("an executable stack is seen")
    func executableStack() throws {
        #expect(try ELFFile(try TestPrograms.compile(["-static", "-z", "execstack"])).hasWritableCode)
    }

    @Test("what is no ELF file of this kind is refused with a reason")
    func foreignFiles() throws {
        func reason(_ data: Data) -> String? {
            do {
                _ = try ELFFile(data)
                return nil
            } catch {
                return error.description
            }
        }
        #expect(reason(Data()) == "does not begin as an ELF file does")
        #expect(reason(Data("MZ\0\0".utf8)) == "does not begin as an ELF file does")
        var other = try TestPrograms.staticProgram()
        other[4] = 1
        #expect(reason(other) == "is not a 64-bit little-endian ELF file")
        #expect(reason(try TestPrograms.compile(["-c"])) == "has no segments: nothing of it can be loaded")
        #expect(reason(Data([0x7F, 0x45, 0x4C, 0x46, 2, 1])) == ELFError.truncated.description)
    }

    @Test("a file that was cut off is refused wherever it was cut before its loaded end")
    func truncated() throws {
        let program = try TestPrograms.compile(["-s"])
        let segments = try ELFSegment.all(in: BoundedBytes(program))
        let end = try #require(segments.map(\.end).max())
        for length in stride(from: 0, to: end, by: 97) {
            #expect(throws: ELFError.self) { try ELFFile(program.prefix(length)) }
        }
    }

    @Test("damage anywhere is an error or another reading, never a crash")
    func fuzzed() throws {
        let program = try TestPrograms.compile(["-s"])
        var random = SeededGenerator(seed: 3)
        var refused = 0
        for _ in 0..<3_000 {
            var damaged = program
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                // Most of what is read stands in the first pages and in the dynamic section near the end.
                let place = Bool.random(using: &random) ? 0..<1_600 : 0..<damaged.count
                damaged[Int.random(in: place, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if (try? ELFFile(damaged)) == nil { refused += 1 }
        }
        #expect(refused > 0)
        for length in 0..<300 {
            let noise =
                Data([0x7F, 0x45, 0x4C, 0x46, 2, 1])
                + (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            _ = try? ELFFile(noise)
        }
    }
}

@Suite("glibc versions") struct GlibcVersionTests {
    @Test("numbers are compared, not texts; features count as the release that brought them")
    func order() throws {
        let names = ["GLIBC_2.2.5", "GLIBC_2.4", "GLIBC_2.17", "GLIBC_2.34", "GLIBC_ABI_DT_RELR", "GLIBC_2.38"]
        let versions = names.compactMap(GlibcVersion.init(symbolVersion:))
        #expect(versions.count == names.count)
        #expect(versions == versions.sorted())
        #expect(GlibcVersion(2, 2) < versions[0])
        #expect(versions[3] == GlibcVersion(2, 34))
    }

    @Test(
        "what is no version of glibc is none",
        arguments: ["GLIBCXX_3.4", "GLIBC_PRIVATE", "GLIBC_", "GLIBC_2.x", "GLIBC_2"])
    func others(name: String) {
        #expect(GlibcVersion(symbolVersion: name) == nil)
    }
}
