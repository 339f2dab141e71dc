import Foundation

/// Writes a zip archive of which every byte is decided by what it holds: no times, no owners, no extra fields.
struct ZipWriter {
    private var files = Data()
    private var directory = Data()
    private var count: UInt16 = 0

    /// 1980-01-01 00:00, the first moment the format can name.
    private static let date: UInt16 = 1 << 5 | 1
    private static let time: UInt16 = 0
    private static let regularFile: UInt32 = 0o100_000

    /// Adds a regular file.
    ///
    /// - Parameter permissions: as `chmod` takes them.
    mutating func add(_ name: String, permissions: UInt16, _ content: DeflatedFile) {
        let offset = UInt32(files.count)
        let bytes = Data(name.utf8)
        // The fields that both records have, in the same order.
        var common = Data()
        common.append(number: ZipArchive.Layout.version)
        common.append(number: UInt16(0))
        common.append(number: ZipArchive.Method.deflated)
        common.append(number: Self.time)
        common.append(number: Self.date)
        common.append(number: content.crc32)
        common.append(number: UInt32(content.deflated.count))
        common.append(number: UInt32(content.size))
        common.append(number: UInt16(bytes.count))
        common.append(number: UInt16(0))

        files.append(number: ZipArchive.Layout.localSignature)
        files += common + bytes + content.deflated

        directory.append(number: ZipArchive.Layout.entrySignature)
        directory.append(number: ZipArchive.Layout.madeOnUnix << 8 | ZipArchive.Layout.version)
        directory += common
        directory.append(number: UInt16(0))
        directory.append(number: UInt16(0))
        directory.append(number: UInt16(0))
        directory.append(number: (Self.regularFile | UInt32(permissions)) << 16)
        directory.append(number: offset)
        directory += bytes
        count += 1
    }

    /// The archive with everything that was added, in that order.
    func archive() -> Data {
        var end = Data()
        end.append(number: ZipArchive.Layout.endSignature)
        end.append(number: UInt16(0))
        end.append(number: UInt16(0))
        end.append(number: count)
        end.append(number: count)
        end.append(number: UInt32(directory.count))
        end.append(number: UInt32(files.count))
        end.append(number: UInt16(0))
        return files + directory + end
    }
}

extension Data {
    fileprivate mutating func append(number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }
}
