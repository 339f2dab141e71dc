/// One entry of an ELF file's program header table.
struct ELFSegment {
    static let load: UInt32 = 1
    static let dynamic: UInt32 = 2
    static let interpreter: UInt32 = 3
    static let stack: UInt32 = 0x6474_E551

    let type: UInt32
    let offset: Int
    let size: Int
    let address: UInt64
    private let flags: UInt32

    private static let executable: UInt32 = 1
    private static let writable: UInt32 = 2

    /// Where it ends in the file.
    var end: Int { offset + size }

    var isWritableCode: Bool {
        let both = Self.executable | Self.writable
        return (type == Self.load || type == Self.stack) && flags & both == both
    }

    /// Whether code is loaded from the file to this address.
    func isCode(at place: UInt64) -> Bool {
        type == Self.load && flags & Self.executable != 0 && place >= address && place - address < UInt64(size)
    }

    /// The segments of a file; each lies within it.
    static func all(in file: BoundedBytes) throws(ELFError) -> [ELFSegment] {
        guard let table = file.number(at: 32, as: UInt64.self).flatMap(Int.init(exactly:)),
            let entrySize = file.number(at: 54, as: UInt16.self), let count = file.number(at: 56, as: UInt16.self)
        else { throw .truncated }
        guard entrySize >= 56, count > 0 else { throw ELFError("has no segments: nothing of it can be loaded") }
        var segments: [ELFSegment] = []
        for index in 0..<Int(count) {
            let (start, overflow) = table.addingReportingOverflow(index * Int(entrySize))
            guard !overflow, let segment = ELFSegment(file, at: start) else { throw .truncated }
            segments.append(segment)
        }
        return segments
    }

    private init?(_ file: BoundedBytes, at start: Int) {
        guard let type = file.number(at: start, as: UInt32.self),
            start <= file.count - 56, let flags = file.number(at: start + 4, as: UInt32.self),
            let offset = file.number(at: start + 8, as: UInt64.self).flatMap(Int.init(exactly:)),
            let address = file.number(at: start + 16, as: UInt64.self),
            let size = file.number(at: start + 32, as: UInt64.self).flatMap(Int.init(exactly:)),
            offset <= file.count, size <= file.count - offset
        else { return nil }
        (self.type, self.flags, self.offset, self.address, self.size) = (type, flags, offset, address, size)
    }
}

extension [ELFSegment] {
    /// Where in the file the byte is that is loaded at an address.
    func offset(ofAddress address: UInt64) throws(ELFError) -> Int {
        for segment in self where segment.type == ELFSegment.load && address >= segment.address {
            if let distance = Int(exactly: address - segment.address), distance < segment.size {
                return segment.offset + distance
            }
        }
        throw .truncated
    }
}
