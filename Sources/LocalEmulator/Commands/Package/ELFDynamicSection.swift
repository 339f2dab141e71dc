/// What an ELF file says to the loader: the libraries it needs, and the versions of their symbols.
struct ELFDynamicSection {
    private(set) var needed: [String] = []
    private(set) var searchPaths: [String] = []
    private(set) var versionNeeds: [ELFFile.VersionNeed] = []
    /// Whether the linker says that this is a program, not a library (`DF_1_PIE`).
    private(set) var isPositionIndependentProgram = false

    private enum Tag {
        static let end: Int64 = 0
        static let needed: Int64 = 1
        static let stringTable: Int64 = 5
        static let stringTableSize: Int64 = 10
        /// `DT_RPATH` and `DT_RUNPATH`; the loader ignores the former beside the latter.
        static let searchPath: Int64 = 15
        static let lateSearchPath: Int64 = 29
        /// `DT_FLAGS_1`
        static let flags: Int64 = 0x6FFF_FFFB
        static let versionNeeds: Int64 = 0x6FFF_FFFE
        static let versionNeedCount: Int64 = 0x6FFF_FFFF
    }

    /// `DF_1_PIE`
    private static let programFlag: UInt64 = 0x0800_0000

    /// More symbol versions than any library has; a damaged table may claim billions.
    private static let maximumVersions = 10_000

    /// Reads it; a file without one, a static program, needs nothing.
    init(_ file: BoundedBytes, _ segments: [ELFSegment]) throws(ELFError) {
        guard let segment = segments.first(where: { $0.type == ELFSegment.dynamic }) else { return }
        let entries = try Self.entries(file, segment)
        func value(_ tag: Int64) -> UInt64? { entries.first { $0.tag == tag }?.value }
        isPositionIndependentProgram = (value(Tag.flags) ?? 0) & Self.programFlag != 0
        guard let table = value(Tag.stringTable) else { return }
        let strings = try segments.offset(ofAddress: table)
        guard let size = value(Tag.stringTableSize).flatMap(Int.init(exactly:)), size <= file.count - strings else {
            throw .truncated
        }
        func string(_ offset: UInt64) throws(ELFError) -> String {
            guard offset < UInt64(size), let text = file.text(at: strings + Int(offset), before: strings + size) else {
                throw .truncated
            }
            return text
        }
        for entry in entries {
            switch entry.tag {
            case Tag.needed: needed.append(try string(entry.value))
            case Tag.searchPath where value(Tag.lateSearchPath) == nil:
                searchPaths += try string(entry.value).split(separator: ":").map(String.init)
            default: break
            }
        }
        if let address = value(Tag.versionNeeds) {
            versionNeeds = try Self.versionNeeds(
                file, at: try segments.offset(ofAddress: address), count: value(Tag.versionNeedCount) ?? 0, string)
        }
    }

    private static func entries(_ file: BoundedBytes, _ segment: ELFSegment) throws(ELFError) -> [(
        tag: Int64, value: UInt64
    )] {
        var entries: [(tag: Int64, value: UInt64)] = []
        for offset in stride(from: segment.offset, to: segment.end - 15, by: 16) {
            guard let tag = file.number(at: offset, as: Int64.self),
                let value = file.number(at: offset + 8, as: UInt64.self)
            else { throw .truncated }
            if tag == Tag.end { break }
            entries.append((tag, value))
        }
        return entries
    }

    /// The chain of libraries (`Elf64_Verneed`), each with a chain of versions (`Elf64_Vernaux`).
    private static func versionNeeds(
        _ file: BoundedBytes, at start: Int, count: UInt64, _ string: (UInt64) throws(ELFError) -> String
    ) throws(ELFError) -> [ELFFile.VersionNeed] {
        var needs: [ELFFile.VersionNeed] = []
        var read = 0
        var offset = start
        for _ in 0..<min(count, UInt64(maximumVersions)) {
            guard let versionCount = file.number(at: offset + 2, as: UInt16.self),
                let library = file.number(at: offset + 4, as: UInt32.self),
                let first = file.number(at: offset + 8, as: UInt32.self),
                let next = file.number(at: offset + 12, as: UInt32.self)
            else { throw .truncated }
            var versions: [String] = []
            var version = offset + Int(first)
            for _ in 0..<versionCount {
                read += 1
                guard read <= maximumVersions, let name = file.number(at: version + 8, as: UInt32.self),
                    let next = file.number(at: version + 12, as: UInt32.self)
                else { throw .truncated }
                versions.append(try string(UInt64(name)))
                version += Int(next)
            }
            needs.append(ELFFile.VersionNeed(library: try string(UInt64(library)), versions: versions))
            if next == 0 { break }
            offset += Int(next)
        }
        return needs
    }
}
