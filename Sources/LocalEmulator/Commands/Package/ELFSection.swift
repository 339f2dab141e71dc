/// One entry of an ELF file's section header table, which nobody loads: what the linker says of its own work.
struct ELFSection {
    let name: String
    let isWritable: Bool

    private static let headerSize = 64
    private static let writable: UInt64 = 1

    /// The sections of a file; none when it says nothing of them.
    static func all(in file: BoundedBytes) throws(ELFError) -> [ELFSection] {
        guard let table = file.number(at: 40, as: UInt64.self).flatMap(Int.init(exactly:)),
            let entrySize = file.number(at: 58, as: UInt16.self).map(Int.init),
            let count = file.number(at: 60, as: UInt16.self).map(Int.init),
            let namesIndex = file.number(at: 62, as: UInt16.self).map(Int.init)
        else { throw .truncated }
        guard table != 0, count > 0 else { return [] }
        guard entrySize >= headerSize, table <= file.count, count * entrySize <= file.count - table else {
            throw .truncated
        }
        func field(_ index: Int, _ offset: Int) -> UInt64 {
            file.number(at: table + index * entrySize + offset, as: UInt64.self) ?? 0
        }
        guard namesIndex < count, let names = Int(exactly: field(namesIndex, 24)),
            let namesSize = Int(exactly: field(namesIndex, 32)), names <= file.count, namesSize <= file.count - names
        else { throw .truncated }
        return try (0..<count).map { index throws(ELFError) in
            let name = Int(UInt32(truncatingIfNeeded: field(index, 0)))
            // The first section is none, and an empty table has no names.
            guard namesSize > 0 || name == 0 else { throw .truncated }
            let text = namesSize == 0 ? "" : file.text(at: names + name, before: names + namesSize)
            guard let text else { throw .truncated }
            return ELFSection(name: text, isWritable: field(index, 8) & writable != 0)
        }
    }
}
