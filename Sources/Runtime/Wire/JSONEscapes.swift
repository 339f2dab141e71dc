/// Escape sequences (RFC 8259, section 7).
@usableFromInline
enum JSONEscapes {
    /// Writes the UTF-8 that a string's content stands for.
    ///
    /// - Parameters:
    ///   - content: what a scanner has found valid; what is invalid all the same is left out.
    ///   - target: room for as many bytes as the content has: no escape is shorter than what it stands for.
    /// - Returns: how many bytes were written.
    @usableFromInline
    static func resolve(_ content: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int {
        precondition(target.count >= content.count, "less room than the content may need")
        guard let source = content.baseAddress, let destination = target.baseAddress else { return 0 }
        var read = 0
        var written = 0
        while read < content.count {
            let run = copyRun(source + read, to: destination + written, atMost: content.count - read)
            read += run
            written += run
            guard read < content.count, content[read] == UInt8(ascii: "\\") else { continue }
            let byte = read + 1 < content.count ? byte(ofLetter: content[read + 1]) : 0
            if byte != 0 {
                destination.storeBytes(of: byte, toByteOffset: written, as: UInt8.self)
                read += 2
                written += 1
            } else if let escape = scalar(content, at: read) {
                read += escape.count
                written += UTF8Sequence.store(escape.scalar, to: destination + written)
            } else {
                read += 1
            }
        }
        return written
    }

    /// Copies what comes before the next backslash, up to a stride's length.
    ///
    /// Whole strides are stored even if only a part counts, which the next run overwrites: as long as the content goes
    /// on for a stride there is room for one, since no more is written than read.
    ///
    /// - Returns: how many bytes were copied.
    @inline(__always)
    private static func copyRun(
        _ source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer, atMost rest: Int
    ) -> Int {
        guard rest >= JSONScanner.stride else {
            var count = 0
            while count < rest {
                let byte = source.load(fromByteOffset: count, as: UInt8.self)
                if byte == UInt8(ascii: "\\") { break }
                destination.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
                count += 1
            }
            return count
        }
        let vector = source.loadUnaligned(as: SIMD16<Int8>.self)
        destination.storeBytes(of: vector, as: SIMD16<Int8>.self)
        return JSONScanner.firstMarked(vector .== SIMD16<Int8>(repeating: 0x5C))
    }

    /// How long the escape sequence at a backslash is, a surrogate pair being one; `nil` when it is invalid or cut off.
    @inline(__always)
    static func count(_ content: UnsafeRawBufferPointer, at start: Int) -> Int? {
        guard start + 1 < content.count else { return nil }
        return byte(ofLetter: content[start + 1]) != 0 ? 2 : scalar(content, at: start)?.count
    }

    /// What the letter behind a backslash stands for; zero where it is not one byte's.
    @inline(__always)
    private static func byte(ofLetter letter: UInt8) -> UInt8 {
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): letter
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: 0
        }
    }

    /// The character of the `\uXXXX` at a backslash, a surrogate pair being one; `nil` when it is invalid or cut off.
    private static func scalar(
        _ content: UnsafeRawBufferPointer, at start: Int
    ) -> (scalar: Unicode.Scalar, count: Int)? {
        guard let unit = unit(content, at: start) else { return nil }
        if let scalar = Unicode.Scalar(unit) { return (scalar, 6) }
        // A high surrogate, which needs a low one behind it; either alone stands for no character.
        guard unit < 0xDC00, let low = Self.unit(content, at: start + 6), (0xDC00...0xDFFF).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00))
        else { return nil }
        return (scalar, 12)
    }

    /// The UTF-16 code unit of the `\uXXXX` at a place, if there is one.
    private static func unit(_ content: UnsafeRawBufferPointer, at start: Int) -> UInt16? {
        guard start + 6 <= content.count, content[start] == UInt8(ascii: "\\"), content[start + 1] == UInt8(ascii: "u")
        else { return nil }
        var value: UInt16 = 0
        for index in start + 2..<start + 6 {
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
