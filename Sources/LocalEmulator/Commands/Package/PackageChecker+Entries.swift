extension PackageChecker {
    private static let programPermissions: UInt16 = 0o555
    private static let filePermissions: UInt16 = 0o444
    private static let typeMask: UInt16 = 0o170_000
    private static let regularFile: UInt16 = 0o100_000

    /// What is wrong with the files' names, types and permissions.
    static func entryFindings(_ entries: [ZipArchive.Entry]) -> [PackageFinding] {
        var findings: [PackageFinding] = []
        var seen: Set<String> = []
        for entry in entries {
            if !seen.insert(entry.name).inserted {
                findings.append(PackageFinding(entry.name, "is there twice", remedy: "pack it once"))
            }
            findings += entryFindings(entry)
        }
        for name in [PackageContents.bootstrap, PackageContents.certificates] where !seen.contains(name) {
            findings.append(missing(name, entries))
        }
        return findings
    }

    private static func missing(_ name: String, _ entries: [ZipArchive.Entry]) -> PackageFinding {
        if let other = entries.first(where: { $0.name.hasSuffix("/" + name) }) {
            return PackageFinding(
                name, "is not at the top level but in \(other.name)", remedy: "pack from inside the folder")
        }
        let remedy =
            name == PackageContents.bootstrap
            ? "Lambda starts that file and no other"
            : "without it no certificate is trusted, and every HTTPS call fails"
        return PackageFinding(name, "is missing", remedy: remedy)
    }

    private static func entryFindings(_ entry: ZipArchive.Entry) -> [PackageFinding] {
        let name = entry.name
        guard isKnown(name) else {
            return [
                PackageFinding(
                    name, "does not belong into a package", remedy: "only bootstrap, ca.pem and lib/*.so* do")
            ]
        }
        if entry.isEncrypted { return [PackageFinding(name, "is encrypted", remedy: "Lambda has no password for it")] }
        guard let mode = entry.mode else {
            return [
                PackageFinding(name, "carries no Unix permissions", remedy: "pack it on Unix, or by ./fincore package")
            ]
        }
        // Archives made from streams leave the type out.
        guard mode & typeMask == regularFile || mode & typeMask == 0 else {
            return [PackageFinding(name, "is not a regular file", remedy: "pack the file itself, not a link to it")]
        }
        let wanted = name == PackageContents.bootstrap ? programPermissions : filePermissions
        guard mode & wanted == wanted else {
            return [
                PackageFinding(
                    name, "has the permissions \(octal(mode & 0o7777)); Lambda runs it as another user",
                    remedy: "chmod \(wanted == programPermissions ? "755" : "644") it before packing")
            ]
        }
        return []
    }

    private static func octal(_ mode: UInt16) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    private static func isKnown(_ name: String) -> Bool {
        if name == PackageContents.bootstrap || name == PackageContents.certificates { return true }
        guard name.hasPrefix(PackageContents.libraryFolder) else { return false }
        let file = name.dropFirst(PackageContents.libraryFolder.count)
        return !file.contains("/") && file.contains(".so")
    }
}
