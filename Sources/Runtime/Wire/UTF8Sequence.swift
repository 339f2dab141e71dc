/// Well-formed UTF-8 (Unicode 15, table 3-7; RFC 3629).
enum UTF8Sequence {
    /// The length of the multi-byte character at a position; `nil` when it is ill-formed or cut off.
    @inline(__always)
    static func count(_ bytes: UnsafeRawBufferPointer, at position: Int) -> Int? {
        let lead = bytes[position]
        let rest = bytes.count - position
        switch lead {
        case 0xC2...0xDF:
            guard rest >= 2, isContinuation(bytes[position + 1]) else { return nil }
            return 2
        case 0xE0...0xEF:
            guard rest >= 3, secondByte(lead).contains(bytes[position + 1]), isContinuation(bytes[position + 2])
            else { return nil }
            return 3
        case 0xF0...0xF4:
            guard rest >= 4, secondByte(lead).contains(bytes[position + 1]), isContinuation(bytes[position + 2]),
                isContinuation(bytes[position + 3])
            else { return nil }
            return 4
        default: return nil
        }
    }

    /// Writes a character's one to four bytes.
    ///
    /// - Returns: how many they are.
    @inline(__always)
    static func store(_ scalar: Unicode.Scalar, to target: UnsafeMutableRawPointer) -> Int {
        let value = scalar.value
        func put(_ byte: UInt32, at offset: Int) {
            target.storeBytes(of: UInt8(truncatingIfNeeded: byte), toByteOffset: offset, as: UInt8.self)
        }
        func continuation(_ shift: UInt32) -> UInt32 { 0x80 | value >> shift & 0x3F }
        switch value {
        case 0..<0x80:
            put(value, at: 0)
            return 1
        case 0x80..<0x800:
            put(0xC0 | value >> 6, at: 0)
            put(continuation(0), at: 1)
            return 2
        case 0x800..<0x10000:
            put(0xE0 | value >> 12, at: 0)
            put(continuation(6), at: 1)
            put(continuation(0), at: 2)
            return 3
        default:
            put(0xF0 | value >> 18, at: 0)
            put(continuation(12), at: 1)
            put(continuation(6), at: 2)
            put(continuation(0), at: 3)
            return 4
        }
    }

    /// What may follow the lead byte: neither overlong forms, nor surrogates, nor anything beyond U+10FFFF.
    @inline(__always)
    private static func secondByte(_ lead: UInt8) -> ClosedRange<UInt8> {
        switch lead {
        case 0xE0: 0xA0...0xBF
        case 0xED: 0x80...0x9F
        case 0xF0: 0x90...0xBF
        case 0xF4: 0x80...0x8F
        default: 0x80...0xBF
        }
    }

    @inline(__always)
    private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
}
