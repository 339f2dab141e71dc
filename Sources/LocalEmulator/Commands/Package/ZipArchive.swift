import Foundation

/// Why a file is no zip archive that Lambda would unpack.
struct ZipError: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }

    static let damaged = ZipError("is cut off or damaged")
}

/// The directory of a zip archive (PKWARE's APPNOTE 6.3), read from its end as every unpacker does.
struct ZipArchive {
    /// One file of an archive.
    struct Entry {
        let name: String
        /// Type and permissions as `stat` gives them; `nil` when the archive was not made on Unix.
        let mode: UInt16?
        let method: UInt16
        let crc32: UInt32
        let size: Int
        let isEncrypted: Bool
        /// Its content as it stands in the archive.
        let packed: Data
    }

    /// How an entry is packed.
    enum Method {
        static let stored: UInt16 = 0
        static let deflated: UInt16 = 8
    }

    let entries: [Entry]

    init(_ data: Data) throws(ZipError) {
        let file = BoundedBytes(data)
        guard let end = Self.endOfDirectory(file), let count = file.number(at: end + 10, as: UInt16.self),
            let directory = file.number(at: end + 16, as: UInt32.self)
        else { throw ZipError("is not a zip archive") }
        var entries: [Entry] = []
        var offset = Int(directory)
        for _ in 0..<count {
            let (entry, next) = try Self.entry(file, at: offset)
            entries.append(entry)
            offset = next
        }
        self.entries = entries
    }

    /// The record at the end, which a comment may follow.
    private static func endOfDirectory(_ file: BoundedBytes) -> Int? {
        let newest = file.count - Layout.endSize
        guard newest >= 0 else { return nil }
        for offset in stride(from: newest, through: max(0, newest - Int(UInt16.max)), by: -1)
        where file.number(at: offset, as: UInt32.self) == Layout.endSignature {
            return offset
        }
        return nil
    }

    private static func entry(_ file: BoundedBytes, at offset: Int) throws(ZipError) -> (Entry, next: Int) {
        guard file.number(at: offset, as: UInt32.self) == Layout.entrySignature,
            let madeBy = file.number(at: offset + 4, as: UInt16.self),
            let flags = file.number(at: offset + 8, as: UInt16.self),
            let method = file.number(at: offset + 10, as: UInt16.self),
            let crc32 = file.number(at: offset + 16, as: UInt32.self),
            let packedSize = file.number(at: offset + 20, as: UInt32.self),
            let size = file.number(at: offset + 24, as: UInt32.self),
            let nameSize = file.number(at: offset + 28, as: UInt16.self),
            let extraSize = file.number(at: offset + 30, as: UInt16.self),
            let commentSize = file.number(at: offset + 32, as: UInt16.self),
            let attributes = file.number(at: offset + 38, as: UInt32.self),
            let local = file.number(at: offset + 42, as: UInt32.self).map(Int.init),
            let name = file.slice(at: offset + 46, count: Int(nameSize))
        else { throw .damaged }
        guard packedSize != UInt32.max, size != UInt32.max else {
            throw ZipError("uses ZIP64, which Lambda's limits rule out")
        }
        guard file.number(at: local, as: UInt32.self) == Layout.localSignature,
            let localNameSize = file.number(at: local + 26, as: UInt16.self),
            let localExtraSize = file.number(at: local + 28, as: UInt16.self),
            file.slice(at: local + 30, count: Int(localNameSize)) == name,
            let packed = file.slice(
                at: local + 30 + Int(localNameSize) + Int(localExtraSize), count: Int(packedSize))
        else { throw .damaged }
        let isUnix = madeBy >> 8 == Layout.madeOnUnix
        let entry = Entry(
            name: String(decoding: name, as: UTF8.self), mode: isUnix ? UInt16(attributes >> 16) : nil, method: method,
            crc32: crc32, size: Int(size), isEncrypted: flags & 1 != 0, packed: packed)
        return (entry, offset + 46 + Int(nameSize) + Int(extraSize) + Int(commentSize))
    }

    /// What the records look like.
    enum Layout {
        static let localSignature: UInt32 = 0x0403_4B50
        static let entrySignature: UInt32 = 0x0201_4B50
        static let endSignature: UInt32 = 0x0605_4B50
        static let endSize = 22
        static let madeOnUnix: UInt16 = 3
        /// Version 2.0 of the format: deflated files.
        static let version: UInt16 = 20
    }
}
