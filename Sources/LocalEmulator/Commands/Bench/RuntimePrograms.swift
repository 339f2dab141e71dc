import Foundation
import LocalEmulator

/// The programs of `fincore bench runtime` that are written in C, compiled when their source or command has changed.
struct RuntimePrograms {
    private static let compileSeconds = 120
    private static let source = ProjectFiles.root + "/Benchmarks/Runtime"
    private static let output = ProjectFiles.root + "/.build/bench"
    private static let native = ProjectFiles.root + "/.build/native/lib"

    /// The program that serves the Runtime API and measures.
    static func harness() throws -> String {
        try compile("harness", before: ["-std=c11", "-O2"], after: [])
    }

    /// The C loop over the libcurl that the bootstraps are linked with, as statically as they are.
    static func floor() throws -> String {
        guard FileManager.default.fileExists(atPath: native + "/libcurl.a") else {
            throw BenchmarkError(reason: "\(native)/libcurl.a is missing: run scripts/build-native-libraries")
        }
        let flags = try ProgramRun(
            named: "pkg-config", ["--cflags", "--libs", "libcurl"],
            variables: ["PKG_CONFIG_PATH": native + "/pkgconfig"]
        ).output(withinSeconds: compileSeconds).joined(separator: " ").split(separator: " ").map(String.init)
        return try compile("floor", before: ["-std=c11", "-O2", "-static", "-s"], after: flags)
    }

    private static func compile(_ name: String, before: [String], after: [String]) throws -> String {
        let (source, program) = ("\(source)/\(name).c", "\(output)/\(name)")
        let command = before + ["-o", program, source] + after
        // What a program was made of stands beside it: the command, and the source as it was.
        let made =
            Data((command.joined(separator: " ") + "\n").utf8) + (try Data(contentsOf: URL(fileURLWithPath: source)))
        let note = URL(fileURLWithPath: program + ".made-of")
        if FileManager.default.isExecutableFile(atPath: program), (try? Data(contentsOf: note)) == made {
            return program
        }
        try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
        _ = try ProgramRun(named: "cc", command).output(withinSeconds: compileSeconds)
        try made.write(to: note)
        return program
    }
}
