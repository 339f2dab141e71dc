import Foundation
import Testing

@testable import fincore

@Suite("the libraries of packages") struct LinkCheckTests {
    private let library = try? TestPrograms.compile(
        ["-shared", "-fPIC", "-nostdlib"], "int answer(void) { return 42; }")
    /// Any glibc will do: these tests are about the libraries.
    private let requirements = TestPrograms.requirements(platforms: [
        LambdaPlatform(name: "provided.new", glibc: GlibcVersion(9, 9))
    ])

    private func problems(_ files: [String: Data]) -> [String] {
        PackageChecker.contentFindings(PackageContents(files: files), requirements).map {
            "\($0.file ?? "")|\($0.problem)"
        }
    }

    /// A program that needs `libanswer.so`.
    private func program() throws -> Data {
        let directory = try TestDirectory()
        try #require(library).write(to: URL(fileURLWithPath: directory.path + "/libanswer.so"))
        return try TestPrograms.compile(
            ["-Wl,--no-as-needed", "-L" + directory.path, "-l:libanswer.so"],
            "int answer(void); int main(void) { return answer(); }")
    }

    @Test("the platform's glibc is there; every other library has to be in the package")
    func missing() throws {
        #expect(problems(["bootstrap": try program()]) == ["bootstrap|needs libanswer.so, which is not in the package"])
        #expect(problems(["bootstrap": try program(), "lib/libanswer.so": try #require(library)]) == [])
    }

    @Test("a library that nothing asks for is refused")
    func unused() throws {
        #expect(
            problems(["bootstrap": try TestPrograms.staticProgram(), "lib/libanswer.so": try #require(library)])
                == ["lib/libanswer.so|is a library that nothing asks for"])
    }

    @Test("a library that is no library, or for another machine, is refused")
    func damaged() throws {
        var foreign = try #require(library)
        foreign[18] = 8
        foreign[19] = 0
        #expect(
            problems(["bootstrap": try program(), "lib/libanswer.so": Data("text".utf8)])
                == ["lib/libanswer.so|does not begin as an ELF file does"])
        #expect(
            problems(["bootstrap": try program(), "lib/libanswer.so": foreign])
                == ["lib/libanswer.so|is for another machine than bootstrap"])
    }

    @Test("the needs of libraries are followed, and forbidden ones named")
    func followed() throws {
        let curl = try Data(contentsOf: URL(fileURLWithPath: "\(TestPrograms.libraryFolder)/libcurl.so.4"))
        let found = problems(["bootstrap": try program(), "lib/libanswer.so": curl])
        #expect(found.contains("lib/libanswer.so|needs libnghttp2.so.14 (nghttp2)"))
        #expect(found.contains("lib/libanswer.so|needs libnghttp2.so.14, which is not in the package"))
    }

    @Test("a loader that is nowhere is refused")
    func foreignLoader() throws {
        let program = try TestPrograms.compile(["-Wl,--dynamic-linker=/opt/ld.so"])
        #expect(
            problems(["bootstrap": program])
                == ["bootstrap|is started by /opt/ld.so, which neither the platform nor the package has"])
    }

    @Test("a package with a loader and a glibc of its own passes, whatever glibc the platform has")
    func ownGlibc() throws {
        let name = (TestPrograms.architecture.loader as NSString).lastPathComponent
        let files = [
            "lib/\(name)": try Data(contentsOf: URL(fileURLWithPath: TestPrograms.architecture.loader)),
            "lib/libc.so.6": try Data(contentsOf: URL(fileURLWithPath: TestPrograms.libraryFolder + "/libc.so.6")),
        ]
        let loader = "-Wl,--dynamic-linker=/var/task/lib/\(name)"
        let good = try TestPrograms.compile([loader, "-Wl,--disable-new-dtags,-rpath=/var/task/lib"])
        let old = TestPrograms.requirements()
        #expect(
            PackageChecker.contentFindings(PackageContents(files: files.merging(["bootstrap": good]) { $1 }), old) == []
        )
        // RUNPATH comes after Lambda's LD_LIBRARY_PATH, which begins with the platform's folders.
        let late = try TestPrograms.compile([loader, "-Wl,--enable-new-dtags,-rpath=/var/task/lib"])
        #expect(
            problems(files.merging(["bootstrap": late]) { $1 })
                == ["bootstrap|brings a loader of its own, which would find the platform's glibc"])
        let without = files.filter { $0.key != "lib/libc.so.6" }
        #expect(
            problems(without.merging(["bootstrap": good]) { $1 }).contains(
                "bootstrap|needs libc.so.6, which is not in the package"))
    }
}
