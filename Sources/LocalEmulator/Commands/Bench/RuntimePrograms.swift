import Foundation
import LocalEmulator

/// The programs of `fincore bench runtime` that are written in C, compiled when their source or command has changed.
struct RuntimePrograms {
    private static let source = ProjectFiles.root + "/Benchmarks/Runtime"
    private static let output = ProjectFiles.root + "/.build/bench"
    private static let native = ProjectFiles.root + "/.build/native/lib"
    /// Prints the arrays that say how `scripts/build-bootstraps` links, one word on each line.
    private static let printLinking = """
        set -eu; root=$1; native=$1/.build/native
        for name in swift_flags linker_flags; do
            eval "$(sed -n "/^$name=(/,/^)/p" "$root/scripts/build-bootstraps")"
        done
        for flag in "${swift_flags[@]}"; do case $flag in -use-ld=*) echo "-f${flag#-}" ;; esac; done
        for flag in "${linker_flags[@]}"; do printf '%s\\n' -Xlinker "$flag"; done
        """

    /// The linker and its options as `scripts/build-bootstraps` has them: a floor must not be linked in another way than
    /// what stands on it.
    private static func linking() throws -> [String] {
        let flags = try Program("bash", package: "bash").run(["-c", printLinking, "bash", ProjectFiles.root])
        let linker = flags.contains { $0.hasPrefix("-fuse-ld=") } ? [] : ["-fuse-ld=gold"]
        return ["-static"] + linker + flags
    }

    /// The program that serves the Runtime API and measures.
    static func harness() throws -> String { try compile("harness", before: [], after: []) }

    /// The C loop over the libcurl that the bootstraps are linked with.
    static func floor() throws -> String {
        guard FileManager.default.fileExists(atPath: native + "/libcurl.a") else {
            throw BenchmarkError(reason: "\(native)/libcurl.a is missing: run scripts/build-native-libraries")
        }
        let flags = try Program("pkg-config", package: "pkg-config")
            .run(["--cflags", "--libs", "libcurl"], variables: ["PKG_CONFIG_PATH": native + "/pkgconfig"])
        return try compile(
            "floor", before: try linking(), after: flags.joined(separator: " ").split(separator: " ").map(String.init))
    }

    /// The C loop over one socket.
    static func socketFloor() throws -> String { try compile("socket_floor", before: try linking(), after: []) }

    private static func compile(_ name: String, before: [String], after: [String]) throws -> String {
        let (source, program) = ("\(source)/\(name).c", "\(output)/\(name)")
        let command = ["-std=c11", "-O2"] + before + ["-o", program, source] + after
        // What a program was made of stands beside it: the command, and the source as it was.
        let made =
            Data((command.joined(separator: " ") + "\n").utf8) + (try Data(contentsOf: URL(fileURLWithPath: source)))
        let note = URL(fileURLWithPath: program + ".made-of")
        if FileManager.default.isExecutableFile(atPath: program), (try? Data(contentsOf: note)) == made {
            return program
        }
        try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
        // Swift's own, which finds the linker that Swift uses.
        try Program("clang", package: "clang").run(command)
        try made.write(to: note)
        return program
    }
}
