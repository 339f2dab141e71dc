/// Base64 with the standard alphabet and padding (RFC 4648, section 4).
public enum Base64 {
    /// The length of the text for a number of bytes.
    public static func encodedCount(_ count: Int) -> Int { (count + 2) / 3 * 4 }

    /// The text for bytes.
    public static func encode(_ bytes: Bytes) -> String {
        String(unsafeUninitializedCapacity: encodedCount(bytes.count)) { text in
            bytes.withUnsafeBytes { encode($0, into: UnsafeMutableRawBufferPointer(text)) }
        }
    }

    /// Appends the text for bytes.
    public static func encode(_ bytes: Bytes, into buffer: inout ByteBuffer) {
        buffer.append(count: encodedCount(bytes.count)) { text in
            bytes.withUnsafeBytes { encode($0, into: text) }
        }
    }

    /// Writes the text for bytes.
    ///
    /// - Parameter text: has room for `encodedCount` bytes.
    /// - Returns: how many bytes were written.
    static func encode(_ bytes: UnsafeRawBufferPointer, into text: UnsafeMutableRawBufferPointer) -> Int {
        var written = 0
        var index = 0
        while index + 3 <= bytes.count {
            let group = UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2])
            text[written] = digit(group >> 18)
            text[written + 1] = digit(group >> 12)
            text[written + 2] = digit(group >> 6)
            text[written + 3] = digit(group)
            index += 3
            written += 4
        }
        let rest = bytes.count - index
        guard rest > 0 else { return written }
        let group = UInt32(bytes[index]) << 16 | (rest == 2 ? UInt32(bytes[index + 1]) << 8 : 0)
        text[written] = digit(group >> 18)
        text[written + 1] = digit(group >> 12)
        text[written + 2] = rest == 2 ? digit(group >> 6) : UInt8(ascii: "=")
        text[written + 3] = UInt8(ascii: "=")
        return written + 4
    }

    /// The character for the lowest six bits.
    private static func digit(_ bits: UInt32) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: bits & 0x3F)
        return switch value {
        case 0..<26: UInt8(ascii: "A") + value
        case 26..<52: UInt8(ascii: "a") + value - 26
        case 52..<62: UInt8(ascii: "0") + value - 52
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }
}
