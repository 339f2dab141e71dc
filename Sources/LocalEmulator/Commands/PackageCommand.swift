import Cryptography
import Foundation
import LocalEmulator

/// `fincore package`
struct PackageCommand: Command {
    static let name = "package"
    static let summary = "make a checked, reproducible zip of each function, ready for Lambda"
    static let usage: [(form: String, help: String)] = [
        ("[FUNCTION…]", "which (default: all of infra/functions.json; the example Echo when it is named)"),
        ("--output DIR", "where the zips and their folders go (default: package/)"),
        ("--sbom", "list the libraries linked into each, with versions and licences"),
        ("--check ZIP…", "only check zips that are there"),
        ("--json", "print the result as JSON; of --sbom as CycloneDX"),
    ]

    private let names: [String]
    private let output: String
    private let listsLibraries: Bool
    private let onlyChecks: Bool
    private let isJSON: Bool

    init(_ arguments: inout Arguments) throws(UsageError) {
        onlyChecks = arguments.flag("--check")
        listsLibraries = arguments.flag("--sbom")
        isJSON = arguments.flag("--json")
        let directory = try arguments.option("--output")
        output = URL(fileURLWithPath: directory ?? ProjectFiles.root + "/package").path
        var names: [String] = []
        while arguments.hasPositional { names.append(try arguments.positional("FUNCTION")) }
        self.names = names
        guard onlyChecks else { return }
        if names.isEmpty { throw UsageError(message: "--check takes the zips to check") }
        if listsLibraries || directory != nil {
            throw UsageError(message: "--check only checks; it goes with neither --sbom nor --output")
        }
    }

    func run(_ console: Console) throws -> Int32 {
        let template = ProjectFiles.root + "/infra/functions.json"
        let plan = try PackagePlan(template: try PackageContents.read(template))
        let scratch = try ScratchDirectory()
        let reports = onlyChecks ? try check(plan, scratch) : try make(try chosen(plan), scratch, console)
        if listsLibraries {
            let bill = try billOfMaterials(reports)
            if isJSON {
                console.print(String(decoding: bill.document.serialized(pretty: true), as: UTF8.self))
            } else {
                for line in bill.table { console.print(line) }
            }
        } else {
            print(reports, console)
        }
        for report in reports {
            for finding in report.findings { console.error(finding.line(zip: Self.shown(report.zip))) }
        }
        return reports.allSatisfy(\.findings.isEmpty) ? ExitCode.success : ExitCode.failure
    }

    /// The functions that were named, each once, or else all of the template.
    private func chosen(_ plan: PackagePlan) throws -> [PackageRequirements] {
        if names.isEmpty { return plan.functions }
        var seen: Set<String> = []
        return try names.filter { seen.insert($0).inserted }.map { name in
            guard let requirements = plan.requirements(for: name) else {
                let known = (plan.functions.map(\.function) + PackagePlan.examples).joined(separator: ", ")
                throw UsageError(message: "there is no function \(name); there are \(known)")
            }
            return requirements
        }
    }

    private func check(_ plan: PackagePlan, _ scratch: ScratchDirectory) throws -> [PackageReport] {
        let checker = PackageChecker(scratch: scratch)
        return try names.map { path in
            let name = ((path as NSString).lastPathComponent as NSString).deletingPathExtension
            return try checker.check(path, plan.requirements(for: name) ?? plan.requirements(forForeign: name))
        }
    }

    private func make(_ functions: [PackageRequirements], _ scratch: ScratchDirectory, _ console: Console) throws
        -> [PackageReport]
    {
        let forward: @Sendable (String) -> Void = { console.progress($0) }
        try Program(script: "build-native-libraries").run([], onLine: forward)
        try Program(script: "build-bootstraps").run(functions.map(\.function), onLine: forward)
        let packager = try FunctionPackager(output: output, scratch: scratch)
        return try functions.map { requirements in
            let name = requirements.function
            let certificates = try Program(script: "certificate-bundle").run([name]).map { $0 + "\n" }.joined()
            let contents = PackageContents(files: [
                PackageContents.bootstrap: try PackageContents.read(Self.built(name)),
                PackageContents.certificates: Data(certificates.utf8),
            ])
            return try packager.pack(contents, requirements)
        }
    }

    /// Where `scripts/build-bootstraps` puts a function's program.
    private static func built(_ name: String) -> String { ProjectFiles.root + "/.build/package/release/" + name }

    private func billOfMaterials(_ reports: [PackageReport]) throws -> BillOfMaterials {
        let origins = try LibraryOrigins(nativeFolder: ProjectFiles.root + "/.build/native")
        return BillOfMaterials(
            functions: try reports.map { report in
                let program = Self.built(report.function)
                let uses = try LinkEvidence(file: ProjectFiles.root + "/.build/package/libraries/" + report.function)
                    .archives.map { archive, bytes in
                        LibraryUse(library: try origins.library(of: archive), bytes: bytes)
                    }
                return BillOfMaterials.Function(
                    name: report.function,
                    sha256: SHA256.hexDigest(try PackageContents.read(program)),
                    libraries: uses.sorted {
                        ($0.library.name, $0.library.version) < ($1.library.name, $1.library.version)
                    })
            })
    }

    private func print(_ reports: [PackageReport], _ console: Console) {
        if isJSON { return console.print(JSONValue.array(reports.map(Self.document)).text) }
        let rows = reports.map { report in
            [
                report.function, Self.megabytes(report.zipBytes), report.bootstrapBytes.map(Self.megabytes) ?? "–",
                String(report.sha256.prefix(16)), report.findings.isEmpty ? "ok" : "REFUSED",
            ]
        }
        let table = Console.table([["function", "zip MB", "bootstrap MB", "sha256", "checks"]] + rows, right: [1, 2])
        console.print(table[0])
        for (line, report) in zip(table.dropFirst(), reports) {
            console.print(console.styled(line, report.findings.isEmpty ? .good : .bad))
        }
    }

    private static func document(_ report: PackageReport) -> JSONValue {
        [
            "function": .string(report.function), "zip": .string(report.zip),
            "zipBytes": .integer(Int64(report.zipBytes)),
            "bootstrapBytes": report.bootstrapBytes.map { .integer(Int64($0)) } ?? .null,
            "sha256": .string(report.sha256),
            "findings": .array(report.findings.map { .string($0.line(zip: shown(report.zip))) }),
        ]
    }

    /// A path as a reader wants it: relative when it lies below where the reader is.
    private static func shown(_ path: String) -> String {
        let here = FileManager.default.currentDirectoryPath + "/"
        return path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path
    }

    private static func megabytes(_ bytes: Int) -> String { String(format: "%.2f", Double(bytes) / 1_000_000) }
}
