/// Escape sequences (RFC 8259, section 7).
@usableFromInline
enum JSONEscapes {
    /// Writes the UTF-8 that a string's content stands for; it is never longer than the content.
    ///
    /// - Parameter content: what a scanner has found valid; what is invalid all the same is left out.
    /// - Returns: how many bytes were written.
    @usableFromInline
    static func resolve(_ content: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int {
        var read = 0
        var written = 0
        while read < content.count {
            let byte = content[read]
            if byte != UInt8(ascii: "\\") {
                target[written] = byte
                written += 1
                read += 1
            } else if let escape = parse(content, at: read) {
                read += escape.count
                for unit in UTF8.encode(escape.scalar).map(Array.init) ?? [] {
                    target[written] = unit
                    written += 1
                }
            } else {
                read += 1
            }
        }
        return written
    }

    /// The escape sequence at a backslash, a surrogate pair being one; `nil` when it is invalid or cut off.
    static func parse(_ content: UnsafeRawBufferPointer, at start: Int) -> (scalar: Unicode.Scalar, count: Int)? {
        guard start + 1 < content.count else { return nil }
        let letter = content[start + 1]
        guard letter == UInt8(ascii: "u") else { return simple(letter).map { ($0, 2) } }
        guard let unit = hexadecimal(content, at: start + 2) else { return nil }
        if let scalar = Unicode.Scalar(unit) { return (scalar, 6) }
        // A high surrogate, which needs a low one behind it; either alone stands for no character.
        guard unit < 0xDC00, start + 7 < content.count, content[start + 6] == UInt8(ascii: "\\"),
            content[start + 7] == UInt8(ascii: "u"), let low = hexadecimal(content, at: start + 8),
            (0xDC00...0xDFFF).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00))
        else { return nil }
        return (scalar, 12)
    }

    private static func simple(_ letter: UInt8) -> Unicode.Scalar? {
        switch letter {
        case UInt8(ascii: "\""): "\""
        case UInt8(ascii: "\\"): "\\"
        case UInt8(ascii: "/"): "/"
        case UInt8(ascii: "b"): "\u{08}"
        case UInt8(ascii: "f"): "\u{0C}"
        case UInt8(ascii: "n"): "\n"
        case UInt8(ascii: "r"): "\r"
        case UInt8(ascii: "t"): "\t"
        default: nil
        }
    }

    /// Four hexadecimal digits.
    private static func hexadecimal(_ content: UnsafeRawBufferPointer, at start: Int) -> UInt16? {
        guard start + 4 <= content.count else { return nil }
        var value: UInt16 = 0
        for index in start..<start + 4 {
            let digit: UInt8
            switch content[index] {
            case let byte where byte &- UInt8(ascii: "0") < 10: digit = byte - UInt8(ascii: "0")
            case let byte where (byte | 0x20) &- UInt8(ascii: "a") < 6: digit = (byte | 0x20) - UInt8(ascii: "a") + 10
            default: return nil
            }
            value = value << 4 | UInt16(digit)
        }
        return value
    }
}
