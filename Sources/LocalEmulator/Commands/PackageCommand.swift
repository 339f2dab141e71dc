import Cryptography
import Foundation
import LocalEmulator

/// `fincore package`
struct PackageCommand: Command {
    static let name = "package"
    static let summary = "make a checked, reproducible zip of each function, ready for Lambda"
    static let usage: [(form: String, help: String)] = [
        ("[FUNCTION…]", "which (default: all of infra/functions.json; the example Echo when it is named)"),
        ("--project DIR", "executables of the SwiftPM package in DIR instead (default: all it has)"),
        ("--sftp", "with --project: link the libcurl that speaks SFTP"),
        ("--output DIR", "where the zips and their folders go (default: package/, of the project)"),
        ("--sbom", "list the libraries linked into each, with versions and licences"),
        ("--check ZIP…", "only check zips that are there"),
        ("--json", "print the result as JSON; of --sbom as CycloneDX"),
    ]

    private let names: [String]
    private let project: PackagedProject
    private let output: String
    private let listsLibraries: Bool
    private let onlyChecks: Bool
    private let isJSON: Bool

    init(_ arguments: inout Arguments) throws(UsageError) {
        onlyChecks = arguments.flag("--check")
        listsLibraries = arguments.flag("--sbom")
        isJSON = arguments.flag("--json")
        let speaksSFTP = arguments.flag("--sftp")
        let folder = try arguments.option("--project")
        let directory = try arguments.option("--output")
        var names: [String] = []
        while arguments.hasPositional {
            let name = try arguments.positional("FUNCTION")
            if !names.contains(name) { names.append(name) }
        }
        self.names = names
        if onlyChecks {
            if names.isEmpty { throw UsageError(message: "--check takes the zips to check") }
            if listsLibraries || directory != nil || folder != nil {
                throw UsageError(message: "--check only checks; it goes with none of --sbom, --output and --project")
            }
        }
        if let folder {
            project = try PackagedProject(foreign: folder, speaksSFTP: speaksSFTP)
        } else if speaksSFTP {
            throw UsageError(message: "--sftp goes with --project; this project's functions have what they need")
        } else {
            project = .own
        }
        output = directory.map { URL(fileURLWithPath: $0).path } ?? project.output
    }

    func run(_ console: Console) throws -> Int32 {
        let scratch = try ScratchDirectory()
        let reports = onlyChecks ? try check(scratch) : try make(try chosen(), scratch, console)
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

    private static func ownPlan() throws -> PackagePlan {
        try PackagePlan(template: try PackageContents.read(ProjectFiles.root + "/infra/functions.json"))
    }

    /// The functions that were named, or else all of the template, or of the other package.
    private func chosen() throws -> [PackageRequirements] {
        if project.isForeign { return try project.requirements(for: names) }
        let plan = try Self.ownPlan()
        if names.isEmpty { return plan.functions }
        return try names.map { name in
            guard let requirements = plan.requirements(for: name) else {
                let known = (plan.functions.map(\.function) + PackagePlan.examples).joined(separator: ", ")
                throw UsageError(message: "there is no function \(name); there are \(known)")
            }
            return requirements
        }
    }

    private func check(_ scratch: ScratchDirectory) throws -> [PackageReport] {
        let plan = try Self.ownPlan()
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
        let packager = FunctionPackager(output: output, scratch: scratch)
        for function in functions { packager.discard(function.function) }
        try Program(script: "build-native-libraries").run([], onLine: forward)
        try project.build(functions.map(\.function), onLine: forward)
        return try functions.map { requirements in
            let name = requirements.function
            let contents = PackageContents(files: [
                PackageContents.bootstrap: try PackageContents.read(project.program(name)),
                PackageContents.certificates: try project.certificates(for: name),
            ])
            return try packager.pack(contents, requirements)
        }
    }

    private func billOfMaterials(_ reports: [PackageReport]) throws -> BillOfMaterials {
        let origins = try LibraryOrigins(nativeFolder: ProjectFiles.root + "/.build/native")
        return BillOfMaterials(
            project: project.name,
            functions: try reports.map { report in
                let program = project.program(report.function)
                let uses = try LinkEvidence(file: project.linkEvidence(report.function)).archives.map {
                    LibraryUse(library: try origins.library(of: $0), bytes: $1)
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
