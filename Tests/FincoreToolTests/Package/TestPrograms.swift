import Foundation
import Testing

@testable import fincore

/// Real ELF files, made by the C compiler that also builds the native libraries.
enum TestPrograms {
    /// The architecture of this machine.
    static var architecture: LambdaArchitecture {
        #if arch(arm64)
            .arm64
        #else
            .amd64
        #endif
    }

    static var libraryFolder: String {
        architecture == .arm64 ? "/usr/lib/aarch64-linux-gnu" : "/usr/lib/x86_64-linux-gnu"
    }

    /// Compiles one C file.
    static func compile(_ options: [String], _ source: String = "int main(void) { return 0; }") throws -> Data {
        let directory = try TestDirectory(["a.c": source])
        try Program("gcc", package: "gcc").run(options + ["-o", directory.path + "/a", directory.path + "/a.c"])
        return try directory.read("a")
    }

    static func staticProgram() throws -> Data { try compile(["-static"]) }

    /// Requirements as the template's functions have them.
    static func requirements(
        _ architecture: LambdaArchitecture = architecture, platforms: [LambdaPlatform] = LambdaPlatform.all,
        targetBytes: Int = PackageTarget.function
    ) -> PackageRequirements {
        PackageRequirements(
            function: "Probe", platforms: platforms, architecture: architecture, targetBytes: targetBytes)
    }

    /// A self-signed certificate (P-256), made for these tests; nobody has its key.
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBhjCCASugAwIBAgIUCvBEKVDuqtM8jptlp9pqy0yEfMwwCgYIKoZIzj0EAwIw
        FzEVMBMGA1UEAwwMZmluY29yZS10ZXN0MCAXDTI2MTEyMDIxNDMyMFoYDzIxMjYx
        MDI3MjE0MzIwWjAXMRUwEwYDVQQDDAxmaW5jb3JlLXRlc3QwWTATBgcqhkjOPQIB
        BggqhkjOPQMBBwNCAASce8fMcpRMA9M33Hmv+HbIgI7xkWcwd09G55fzhT202xiS
        zzGug2xQjIZVGwfILix4+zZSW160PZYRfu8RhSHXo1MwUTAdBgNVHQ4EFgQUFpA/
        T9hF3LagVRhtRZKQxsViHbowHwYDVR0jBBgwFoAUFpA/T9hF3LagVRhtRZKQxsVi
        HbowDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAwni2gM5JuSvI
        AKwk+k6vTwZhZt0S29eKnHfmnvQ3LbYCIQC8VlwQ76UrzMBKAZG7XiLRKtTRAkGC
        lTs26rCDyO/voA==
        -----END CERTIFICATE-----
        """ + "\n"
}

/// A directory of files that goes away with the test.
final class TestDirectory {
    let path = FileManager.default.temporaryDirectory.path + "/package-test-" + UUID().uuidString

    init(_ files: [String: String] = [:]) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for (name, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name)) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func read(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)) }
}

/// Random numbers that are the same in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
