import Foundation

/// Bytes of a file that nobody vouches for: every read is checked against their end.
struct BoundedBytes {
    private let data: Data

    init(_ data: Data) {
        // A slice keeps the indices of what it was cut from; offsets in a file begin at 0.
        self.data = data.startIndex == 0 ? data : Data(data)
    }

    var count: Int { data.count }

    /// The little-endian number at an offset; `nil` behind the end.
    func number<Number: FixedWidthInteger>(at offset: Int, as type: Number.Type = Number.self) -> Number? {
        guard offset >= 0, offset <= data.count - MemoryLayout<Number>.size else { return nil }
        return data.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self)) }
    }

    /// A part; `nil` when it does not lie within the bytes.
    func slice(at offset: Int, count: Int) -> Data? {
        guard offset >= 0, count >= 0, offset <= data.count, count <= data.count - offset else { return nil }
        return data.subdata(in: offset..<(offset + count))
    }

    /// The text that begins at an offset and ends with a NUL before `end`; `nil` when there is none.
    func text(at offset: Int, before end: Int) -> String? {
        guard offset >= 0, offset < end, end <= data.count, let terminator = data[offset..<end].firstIndex(of: 0) else {
            return nil
        }
        return String(decoding: data[offset..<terminator], as: UTF8.self)
    }
}
