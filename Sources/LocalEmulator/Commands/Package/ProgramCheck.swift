import Foundation

/// Checks that a function's program starts on every platform it may be deployed on, with what its package brings.
struct ProgramCheck {
    private let requirements: PackageRequirements
    private let contents: PackageContents
    private let file = PackageContents.bootstrap

    init(_ requirements: PackageRequirements, _ contents: PackageContents) {
        (self.requirements, self.contents) = (requirements, contents)
    }

    /// What is wrong with the program and the libraries it brings.
    func findings(_ program: Data) -> [PackageFinding] {
        if program.starts(with: Data("#!".utf8)) {
            return [
                PackageFinding(
                    file, "is a script, which costs an interpreter at every cold start",
                    remedy: "pack the program itself under this name")
            ]
        }
        let elf: ELFFile
        do { elf = try ELFFile(program) } catch {
            return [
                PackageFinding(
                    file, error.description, remedy: "build it again: ./fincore package \(requirements.function)")
            ]
        }
        guard elf.isProgram else {
            return [PackageFinding(file, "is a library or an object file, not a program", remedy: "link a program")]
        }
        guard elf.hasEntryPoint else {
            return [
                PackageFinding(
                    file, "does not begin in its own code (e_entry)",
                    remedy: "link it with the C library's start-up code")
            ]
        }
        var findings = machineFindings(file, elf) + memoryFindings(file, elf)
        findings += LinkCheck(requirements, contents).findings(file, elf)
        findings += ForbiddenLibrary.within(program).map {
            PackageFinding(file, "has \($0.name) in it", remedy: $0.remedy)
        }
        return findings
    }

    private func machineFindings(_ file: String, _ elf: ELFFile) -> [PackageFinding] {
        let wanted = requirements.architecture
        guard elf.machine != wanted.machine else { return [] }
        let found =
            LambdaArchitecture.allCases.first { $0.machine == elf.machine }?.rawValue ?? "machine \(elf.machine)"
        return [
            PackageFinding(
                file, "is for \(found), and the template says \(wanted.rawValue)",
                remedy: "build on such a machine, or change Architectures in infra/functions.json")
        ]
    }

    private func memoryFindings(_ file: String, _ elf: ELFFile) -> [PackageFinding] {
        var findings: [PackageFinding] = []
        if elf.hasWritableCode {
            findings.append(
                PackageFinding(
                    file, "has memory that is writable and executable at once",
                    remedy: "look for an object without .note.GNU-stack, or a linker script"))
        }
        if elf.hasWritableConstants {
            findings.append(
                PackageFinding(
                    file, "has constants (.rodata) that are writable",
                    remedy: "link it as scripts/build-bootstraps does, with scripts/read-only-data.ld"))
        }
        return findings
    }
}
