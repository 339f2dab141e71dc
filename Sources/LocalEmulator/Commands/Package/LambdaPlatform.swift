/// What a Lambda runtime of the `provided` family brings along.
struct LambdaPlatform: Equatable {
    let name: String
    /// The glibc of its file system: nothing that needs a newer one starts there.
    let glibc: GlibcVersion

    /// Amazon Linux 2 has glibc 2.26, Amazon Linux 2023 has 2.34.
    static let all = [
        LambdaPlatform(name: "provided.al2", glibc: GlibcVersion(2, 26)),
        LambdaPlatform(name: "provided.al2023", glibc: GlibcVersion(2, 34)),
    ]

    /// Libraries that are glibc itself; everything else a function needs, it must bring.
    static let glibcLibraries: Set<String> = [
        "libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libresolv.so.2", "libutil.so.1",
        "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1",
    ]

    /// Where the function's files are at run time (`LAMBDA_TASK_ROOT`).
    static let taskRoot = "/var/task/"

    /// AWS's quota on a zip that is uploaded directly: 50 MB, by which it means MiB.
    static let maximumZipBytes = 50 * 1024 * 1024
    /// AWS's quota on a function's files: 250 MB, by which it means MiB.
    static let maximumUnzippedBytes = 250 * 1024 * 1024
}

/// An instruction set, in Lambda's words.
enum LambdaArchitecture: String, CaseIterable {
    case amd64 = "x86_64"
    case arm64

    /// What is built here runs on this: nothing is compiled for another machine.
    static var ofThisMachine: LambdaArchitecture {
        #if arch(arm64)
            .arm64
        #else
            .amd64
        #endif
    }

    /// How ELF files say it (`e_machine`).
    var machine: UInt16 {
        switch self {
        case .amd64: 62
        case .arm64: 183
        }
    }

    /// The loader of the platform's own file system.
    var loader: String {
        switch self {
        case .amd64: "/lib64/ld-linux-x86-64.so.2"
        case .arm64: "/lib/ld-linux-aarch64.so.1"
        }
    }
}

/// What this project demands of its own packages, in bytes (1 MB = 1 000 000 bytes).
enum PackageTarget {
    /// The runtime with TLS and nothing else; every byte more is loaded at every cold start.
    static let example = 5_500_000
    /// A function with its clients.
    static let function = 8_000_000
}
