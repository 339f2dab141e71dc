import Foundation
import Testing

@testable import fincore

@Suite("the check of packages") struct PackageCheckerTests {
    private let requirements = TestPrograms.requirements()

    /// What is found in a package with these files.
    private func problems(
        _ files: [String: Data], _ requirements: PackageRequirements? = nil,
        certificates: String? = TestPrograms.certificate
    ) -> [String] {
        var files = files
        if let certificates { files["ca.pem"] = Data(certificates.utf8) }
        return PackageChecker.contentFindings(PackageContents(files: files), requirements ?? self.requirements)
            .map { "\($0.file ?? "")|\($0.problem)" }
    }

    @Test("a static program with certificates passes", arguments: [["-static"], ["-static-pie"]])
    func good(options: [String]) throws {
        #expect(problems(["bootstrap": try TestPrograms.compile(options)]) == [])
    }

    @Test("constants that are writable are refused")
    func writableConstants() throws {
        let source = """
            __attribute__((section(".rodata.w,\\"aw\\"#"))) int constant = 1;
            int main(void) { return constant; }
            """
        #expect(
            problems(["bootstrap": try TestPrograms.compile(["-static"], source)])
                == ["bootstrap|has constants (.rodata) that are writable"])
    }

    @Test("a library is no bootstrap, and neither is a program that begins nowhere")
    func noProgram() throws {
        let library = try TestPrograms.compile(["-shared", "-nostdlib", "-fPIC"])
        #expect(problems(["bootstrap": library]) == ["bootstrap|is a library or an object file, not a program"])
        let program = try TestPrograms.compile(["-static", "-Wl,-e,0"])
        #expect(problems(["bootstrap": program]) == ["bootstrap|does not begin in its own code (e_entry)"])
    }

    @Test("a program that needs a newer glibc than the oldest platform has is refused, naming both")
    func glibcCeiling() throws {
        let program = try TestPrograms.compile(["-s"])
        let needed = try #require(try ELFFile(program).newestGlibc)
        let strict = TestPrograms.requirements(platforms: [
            LambdaPlatform(name: "provided.old", glibc: GlibcVersion(2, 3))
        ])
        let lenient = TestPrograms.requirements(platforms: [LambdaPlatform(name: "provided.new", glibc: needed)])
        #expect(
            problems(["bootstrap": program], strict) == ["bootstrap|needs glibc \(needed), and provided.old has 2.3"])
        #expect(problems(["bootstrap": program], lenient) == [])
        let both = TestPrograms.requirements(platforms: lenient.platforms + strict.platforms)
        #expect(problems(["bootstrap": program], both).count == 1)
    }

    @Test("the ceilings are those of Amazon Linux")
    func ceilings() {
        #expect(LambdaPlatform.all.map(\.name) == ["provided.al2", "provided.al2023"])
        #expect(LambdaPlatform.all.map(\.glibc.description) == ["2.26", "2.34"])
    }

    @Test("a program for another machine is refused")
    func otherMachine() throws {
        let other: LambdaArchitecture = TestPrograms.architecture == .amd64 ? .arm64 : .amd64
        let program = try TestPrograms.staticProgram()
        let expected = "bootstrap|is for \(TestPrograms.architecture.rawValue), and the template says \(other.rawValue)"
        #expect(problems(["bootstrap": program], TestPrograms.requirements(other)) == [expected])
        var patched = program
        patched[18] = 8
        patched[19] = 0
        #expect(
            problems(["bootstrap": patched])
                == ["bootstrap|is for machine 8, and the template says \(TestPrograms.architecture.rawValue)"])
    }

    @Test("a shell script is refused, and so is what is no program at all")
    func notAProgram() throws {
        #expect(
            problems(["bootstrap": Data("#!/bin/sh\nexec ./app\n".utf8)])
                == ["bootstrap|is a script, which costs an interpreter at every cold start"])
        #expect(problems(["bootstrap": Data("hello".utf8)]) == ["bootstrap|does not begin as an ELF file does"])
        let program = try TestPrograms.compile(["-s"])
        #expect(problems(["bootstrap": program.prefix(program.count / 2)]) == ["bootstrap|\(ELFError.truncated)"])
    }

    @Test("memory that is writable and executable is refused")
    func writableCode() throws {
        let program = try TestPrograms.compile(["-static", "-z", "execstack"])
        #expect(problems(["bootstrap": program]) == ["bootstrap|has memory that is writable and executable at once"])
    }

    @Test("ICU and libcurl's back ends are found in a static program, and only when they are in it")
    func forbiddenLibraries() throws {
        for (marker, name) in [
            ("icudt76l", "ICU"), ("GNUTLS_SYSTEM_PRIORITY_FILE", "GnuTLS"), ("KRB5_CONFIG", "Kerberos"),
            ("LDAPNOINIT", "OpenLDAP"),
        ] {
            let source = #"#include <stdio.h>\#nint main(void) { return puts("\#(marker)"); }"#
            #expect(
                problems(["bootstrap": try TestPrograms.compile(["-static"], source)]) == [
                    "bootstrap|has \(name) in it"
                ])
        }
        let source = #"#include <stdio.h>\#nint main(void) { return puts("icu gnutls krb5 ldap"); }"#
        #expect(problems(["bootstrap": try TestPrograms.compile(["-static"], source)]) == [])
    }

    @Test(
        "the marks of the forbidden libraries are really in them",
        arguments: [
            ("libgnutls.so.30", "GnuTLS"), ("libkrb5.so.3", "Kerberos"), ("libldap-2.5.so.0", "OpenLDAP"),
            ("librtmp.so.1", "librtmp"),
        ])
    func markers(file: String, name: String) throws {
        // These come with the libcurl that the debug build uses; other releases of the distribution have other ones.
        guard let library = try? Data(contentsOf: URL(fileURLWithPath: "\(TestPrograms.libraryFolder)/\(file)")) else {
            return
        }
        #expect(ForbiddenLibrary.within(library).map(\.name) == [name])
        #expect(ForbiddenLibrary.of(file: file)?.name == name)
    }

    @Test(
        "certificates must be certificates",
        arguments: [
            "", "no certificate\n", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
            String(TestPrograms.certificate.dropLast(40)),
        ])
    func certificates(pem: String) throws {
        let files = ["bootstrap": try TestPrograms.staticProgram()]
        #expect(problems(files, certificates: pem) == ["ca.pem|is not a list of PEM certificates"])
    }

    @Test("certificates are counted, with text between them")
    func certificateCount() {
        let pem = "# one\n" + TestPrograms.certificate + "\n# two\n" + TestPrograms.certificate
        #expect(CertificateBundle(pem: Data(pem.utf8))?.count == 2)
    }
}
