extension Base64 {
    /// Bytes that a run may write beyond its result.
    static let slack = 8
    /// In the table, a byte that is no digit; digits are below 64.
    private static let noDigit: UInt8 = 0xFF

    /// The bytes that a text stands for; `nil` when it is not base64.
    ///
    /// Padding must be there, white space must not. Bits of the last digit that stand for nothing are not looked at,
    /// as Foundation does not.
    public static func decode(_ text: Bytes) -> Bytes? {
        text.withUnsafeBytes { decode($0) }
    }

    /// The bytes that a text stands for; `nil` when it is not base64.
    public static func decode(_ text: String) -> Bytes? {
        var text = text
        return text.withUTF8 { decode(UnsafeRawBufferPointer($0)) }
    }

    private static func decode(_ text: UnsafeRawBufferPointer) -> Bytes? {
        var isValid = true
        let bytes = Bytes(capacity: text.count / 4 * 3 + slack) { target in
            guard let start = text.baseAddress else { return 0 }
            let run = decodeRun(start, text.count, into: target)
            let rest = UnsafeRawBufferPointer(rebasing: text[run...])
            guard let last = decodeEnd(rest, into: target, at: run / 4 * 3) else {
                isValid = false
                return 0
            }
            return run / 4 * 3 + last
        }
        return isValid ? bytes : nil
    }

    /// Decodes groups of four digits as far as there are any.
    ///
    /// - Parameter target: has room for three quarters of `count` and `slack`.
    /// - Returns: how many digits were read, a multiple of four.
    static func decodeRun(
        _ text: UnsafeRawPointer, _ count: Int, into target: UnsafeMutableRawBufferPointer
    ) -> Int {
        guard let output = target.baseAddress else { return 0 }
        precondition(target.count >= count / 4 * 3 + slack, "no room for the bytes")
        return digits.withUnsafeBufferPointer { digits in
            var read = 0
            var written = 0
            while count - read >= 8 {
                let word = UInt64(littleEndian: text.loadUnaligned(fromByteOffset: read, as: UInt64.self))
                guard let bits = sextets(word, digits) else { break }
                output.storeBytes(of: (bits << 16).bigEndian, toByteOffset: written, as: UInt64.self)
                read += 8
                written += 6
            }
            while count - read >= 4 {
                let word = UInt32(littleEndian: text.loadUnaligned(fromByteOffset: read, as: UInt32.self))
                // The upper half stands for zeros.
                guard let bits = sextets(UInt64(word) | 0x4141_4141 << 32, digits) else { break }
                output.storeBytes(of: (bits << 16).bigEndian, toByteOffset: written, as: UInt64.self)
                read += 4
                written += 3
            }
            return read
        }
    }

    /// The last, padded group, if there is one: `xx==` or `xxx=`.
    ///
    /// - Returns: how many bytes were written; `nil` when something else is left.
    static func decodeEnd(
        _ rest: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, at position: Int
    ) -> Int? {
        guard !rest.isEmpty else { return 0 }
        let padding = UInt8(ascii: "=")
        guard rest.count == 4, rest[3] == padding else { return nil }
        let first = digits[Int(rest[0])]
        let second = digits[Int(rest[1])]
        guard first != noDigit, second != noDigit else { return nil }
        target[position] = first << 2 | second >> 4
        if rest[2] == padding { return 1 }
        let third = digits[Int(rest[2])]
        guard third != noDigit else { return nil }
        target[position + 1] = second << 4 | third >> 2
        return 2
    }

    /// The 48 bits of eight digits, the first of them in the lowest byte; `nil` when one of them is none.
    ///
    /// - Parameter digits: the table, which has an element for each byte.
    @inline(__always)
    private static func sextets(_ word: UInt64, _ digits: UnsafeBufferPointer<UInt8>) -> UInt64? {
        func digit(_ index: UInt64) -> UInt64 { UInt64(digits[Int(word >> (index * 8) & 0xFF)]) }
        let (first, second, third, fourth) = (digit(0), digit(1), digit(2), digit(3))
        let (fifth, sixth, seventh, eighth) = (digit(4), digit(5), digit(6), digit(7))
        guard first | second | third | fourth | fifth | sixth | seventh | eighth < 64 else { return nil }
        let upper = first << 18 | second << 12 | third << 6 | fourth
        let lower = fifth << 18 | sixth << 12 | seventh << 6 | eighth
        return upper << 24 | lower
    }

    /// The value of each digit by its character.
    private static let digits: [UInt8] = [
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 62, 0xFF, 0xFF, 0xFF, 63,
        52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
        15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
        41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
    ]
}

extension JSONScanner {
    /// The bytes of the base64 string that comes next, decoded in the same pass that finds its end.
    ///
    /// - Parameter buffer: gets the bytes.
    /// - Returns: where in the buffer they are.
    public mutating func base64(into buffer: inout ByteBuffer) throws(JSONError) -> Range<Int> {
        guard token() == UInt8(ascii: "\"") else { throw mismatch(.isNoString) }
        let start = cursor
        let before = buffer.count
        let text = UnsafeRawBufferPointer(start: base + start + 1, count: end - start - 1)
        var length: Int?
        // What is left of the document bounds what is left to decode: the buffer gets its size at once and keeps it.
        let room = text.count / 4 * 3 + Base64.slack
        buffer.reserve(before + room)
        buffer.append(count: room) { target in
            let result = Self.decodeUpToQuote(text, into: target)
            length = result?.read
            return result?.written ?? 0
        }
        if let length {
            cursor = start + 1 + length + 1
        } else {
            try uncommonBase64(into: &buffer)
        }
        return before..<buffer.count
    }

    /// Decodes the usual case, unescaped digits up to the quote; `nil` when there is anything else.
    private static func decodeUpToQuote(
        _ text: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) -> (read: Int, written: Int)? {
        guard let start = text.baseAddress else { return nil }
        let run = Base64.decodeRun(start, text.count, into: target)
        let written = run / 4 * 3
        let quote = UInt8(ascii: "\"")
        if run < text.count, text[run] == quote { return (run, written) }
        guard run + 4 < text.count, text[run + 4] == quote,
            let last = Base64.decodeEnd(
                UnsafeRawBufferPointer(rebasing: text[run..<run + 4]), into: target, at: written)
        else { return nil }
        return (run + 4, written + last)
    }

    /// The string may have escapes, or be no base64.
    private mutating func uncommonBase64(into buffer: inout ByteBuffer) throws(JSONError) {
        let start = cursor
        let string = try string()
        guard let bytes = withText(of: string, { Base64.decode(Bytes(copying: $0)) }) else {
            throw JSONError(.isNoBase64, at: start)
        }
        buffer.append(bytes)
    }
}
