import Foundation
import LocalEmulator

/// Where and when a run was made, and with which versions: what somebody needs who wants the same figures.
struct RuntimeMachine: Sendable, Equatable {
    let processor: String
    let cores: Int
    let kernel: String
    /// Name and version of everything that is in the bootstraps or runs them.
    let versions: [String]
    /// ISO 8601, UTC, to the minute.
    let date: String
    /// How many tasks wanted a CPU in the minute before the run.
    let load: String

    /// This machine, now.
    static func current(pythonVersions: [String]) throws -> RuntimeMachine {
        let swift = try Program("swift", package: "nothing: see https://www.swift.org/install").run(["--version"])
        let libraries = text(of: ProjectFiles.root + "/.build/native/versions.tsv")
        return RuntimeMachine(
            processor: processor(text(of: "/proc/cpuinfo")), cores: ProcessInfo.processInfo.activeProcessorCount,
            kernel: "Linux " + text(of: "/proc/sys/kernel/osrelease").trimmingCharacters(in: .whitespacesAndNewlines),
            versions: swiftVersion(swift) + nativeVersions(libraries) + pythonVersions,
            date: Date().formatted(Date.ISO8601FormatStyle().year().month().day()),
            load: text(of: "/proc/loadavg").split(separator: " ").first.map(String.init) ?? "unknown")
    }

    /// One line for people.
    var summary: String {
        "\(processor), \(cores) cores, \(kernel); \(versions.joined(separator: ", ")); \(date), load \(load)"
    }

    var document: JSONValue {
        [
            "processor": .string(processor), "cores": .integer(Int64(cores)), "kernel": .string(kernel),
            "versions": .array(versions.map { .string($0) }), "date": .string(date), "load": .string(load),
        ]
    }

    /// The model that `/proc/cpuinfo` names; Arm's lists none.
    static func processor(_ text: String) -> String {
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        let name = line?.split(separator: ":", maxSplits: 1).last?.trimmingCharacters(in: .whitespaces)
        return name ?? "unnamed processor"
    }

    /// "Swift 6.3" out of `swift --version`.
    static func swiftVersion(_ lines: [String]) -> [String] {
        for line in lines {
            let words = line.split(separator: " ")
            guard let index = words.firstIndex(of: "version"), index + 1 < words.count else { continue }
            return ["Swift \(words[index + 1])"]
        }
        return []
    }

    /// libcurl's and OpenSSL's versions, out of what `scripts/build-native-libraries` notes.
    static func nativeVersions(_ table: String) -> [String] {
        table.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "\t")
            guard cells.count > 1, ["libcurl", "openssl"].contains(cells[0]) else { return nil }
            return "\(cells[0]) \(cells[1])"
        }
    }

    private static func text(of path: String) -> String {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
