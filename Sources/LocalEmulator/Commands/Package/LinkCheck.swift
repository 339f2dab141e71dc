import Foundation

/// Follows what a program asks the loader for, through the libraries in its package.
struct LinkCheck {
    private let requirements: PackageRequirements
    private let libraries: [String: Data]

    private static let bring = "link it statically, or put it into lib/"

    init(_ requirements: PackageRequirements, _ contents: PackageContents) {
        (self.requirements, libraries) = (requirements, contents.libraries)
    }

    /// What will not be found, or is too new, when the program is loaded; and what is there for nobody.
    func findings(_ file: String, _ program: ELFFile) -> [PackageFinding] {
        var findings: [PackageFinding] = []
        var used: Set<String> = []
        var bringsGlibc = false
        if let loader = program.interpreter {
            let (name, finding) = loaderInPackage(file, loader)
            bringsGlibc = name != nil
            used.formUnion([name].compactMap { $0 })
            findings += finding
            if bringsGlibc { findings += searchPathFindings(file, program) }
        }
        var waiting = [(file: file, elf: program)]
        while let (file, elf) = waiting.popLast() {
            findings += glibcFindings(file, elf, bringsGlibc: bringsGlibc)
            for name in elf.needed {
                findings += forbidden(file, name)
                guard let data = libraries[name] else {
                    if bringsGlibc || !LambdaPlatform.glibcLibraries.contains(name) {
                        findings.append(
                            PackageFinding(file, "needs \(name), which is not in the package", remedy: Self.bring))
                    }
                    continue
                }
                guard used.insert(name).inserted else { continue }
                let (library, finding) = read(name, data, for: program)
                findings += finding
                if let library { waiting.append((PackageContents.libraryFolder + name, library)) }
            }
        }
        findings += libraries.keys.filter { !used.contains($0) }.sorted().map {
            PackageFinding(
                PackageContents.libraryFolder + $0, "is a library that nothing asks for", remedy: "leave it out")
        }
        return findings
    }

    /// A loader of the package's own goes with a glibc of its own.
    private func loaderInPackage(_ file: String, _ loader: String) -> (name: String?, [PackageFinding]) {
        if loader == requirements.architecture.loader { return (nil, []) }
        let folder = LambdaPlatform.taskRoot + PackageContents.libraryFolder
        let name = String(loader.dropFirst(folder.count))
        if loader.hasPrefix(folder), libraries[name] != nil { return (name, []) }
        return (
            nil,
            [
                PackageFinding(
                    file, "is started by \(loader), which neither the platform nor the package has",
                    remedy:
                        "link it statically, or pack the loader as \(PackageContents.libraryFolder) and name \(folder)")
            ]
        )
    }

    /// Lambda's `LD_LIBRARY_PATH` begins with the platform's own folders: a loader of the package's own would find the
    /// platform's libc there, unless the program names its folder by DT_RPATH, which comes before.
    private func searchPathFindings(_ file: String, _ program: ELFFile) -> [PackageFinding] {
        let folder = LambdaPlatform.taskRoot + "lib"
        guard !program.searchPaths.contains(where: { $0 == folder || $0 == folder + "/" || $0 == "$ORIGIN/lib" }) else {
            return []
        }
        return [
            PackageFinding(
                file, "brings a loader of its own, which would find the platform's glibc",
                remedy: "link with --disable-new-dtags -rpath=\(folder)")
        ]
    }

    private func glibcFindings(_ file: String, _ elf: ELFFile, bringsGlibc: Bool) -> [PackageFinding] {
        guard !bringsGlibc else { return [] }
        if elf.needsPrivateGlibc {
            return [
                PackageFinding(
                    file, "uses symbols private to one build of glibc", remedy: "link it statically")
            ]
        }
        guard let needed = elf.newestGlibc, let platform = requirements.oldestPlatform, needed > platform.glibc else {
            return []
        }
        return [
            PackageFinding(
                file, "needs glibc \(needed), and \(platform.name) has \(platform.glibc)",
                remedy: "link it statically (scripts/build-bootstraps)")
        ]
    }

    private func forbidden(_ file: String, _ name: String) -> [PackageFinding] {
        guard let library = ForbiddenLibrary.of(file: name) else { return [] }
        return [PackageFinding(file, "needs \(name) (\(library.name))", remedy: library.remedy)]
    }

    private func read(_ name: String, _ data: Data, for program: ELFFile) -> (ELFFile?, [PackageFinding]) {
        let file = PackageContents.libraryFolder + name
        do {
            let library = try ELFFile(data)
            guard library.machine == program.machine else {
                return (
                    nil, [PackageFinding(file, "is for another machine than bootstrap", remedy: "pack the right one")]
                )
            }
            return (library, [])
        } catch {
            return (nil, [PackageFinding(file, error.description, remedy: "pack the library itself")])
        }
    }
}
