extension JSONScanner {
    /// Bytes looked at in one step.
    @usableFromInline static let stride = 16

    /// The string whose opening quote was just read.
    ///
    /// Here is the way of nearly all strings: plain ASCII up to the quote.
    @inlinable
    @inline(__always)
    mutating func stringContent() throws(JSONError) -> JSONString {
        let start = cursor
        var index = start
        while end - index >= Self.stride {
            let plain = Self.plainBytes(base + index)
            index += plain
            if plain < Self.stride { break }
        }
        if index < end, base.load(fromByteOffset: index, as: UInt8.self) == UInt8(ascii: "\"") {
            cursor = index + 1
            return JSONString(offset: start, count: index - start, isEscaped: false)
        }
        return try uncommonStringContent(from: start, at: index)
    }

    /// How many of the next 16 bytes stand for themselves: no quote, backslash, control character, nor beyond ASCII.
    @inlinable
    @inline(__always)
    static func plainBytes(_ bytes: UnsafeRawPointer) -> Int {
        let vector = bytes.loadUnaligned(as: SIMD16<Int8>.self)
        // Signed: bytes beyond ASCII are negative, so this finds them together with the control characters.
        // Only these forms, vector against vector, become instructions; with a scalar the compiler makes a loop.
        let special =
            (vector .< SIMD16<Int8>(repeating: 0x20)) .| (vector .== SIMD16<Int8>(repeating: 0x22))
            .| (vector .== SIMD16<Int8>(repeating: 0x5C))
        return firstMarked(special)
    }

    /// The place of the first byte that a comparison found; 16 when it found none.
    @inlinable
    @inline(__always)
    static func firstMarked(_ mask: SIMDMask<SIMD16<Int8>>) -> Int {
        let halves = unsafeBitCast(mask, to: SIMD2<UInt64>.self)
        if halves[0] != 0 { return halves[0].trailingZeroBitCount / 8 }
        if halves[1] != 0 { return 8 + halves[1].trailingZeroBitCount / 8 }
        return 16
    }

    /// The rest of a string that has escapes or other scripts, or ends close to the document's end.
    @usableFromInline
    @inline(never)
    mutating func uncommonStringContent(from start: Int, at first: Int) throws(JSONError) -> JSONString {
        let document = UnsafeRawBufferPointer(start: base, count: end)
        var index = first
        var isEscaped = false
        while true {
            while end - index >= Self.stride {
                let plain = Self.plainBytes(base + index)
                index += plain
                if plain < Self.stride { break }
            }
            guard index < end else { throw JSONError(.noQuote, at: end) }
            switch document[index] {
            case UInt8(ascii: "\\"):
                isEscaped = true
                repeat {
                    guard let count = JSONEscapes.count(document, at: index) else {
                        throw JSONError(.badEscape, at: index)
                    }
                    index += count
                } while index < end && document[index] == UInt8(ascii: "\\")
            case UInt8(ascii: "\""):
                cursor = index + 1
                return JSONString(offset: start, count: index - start, isEscaped: isEscaped)
            case 0..<0x20: throw JSONError(.controlCharacter, at: index)
            case 0x20..<0x80: index += 1
            default:
                repeat {
                    guard let count = UTF8Sequence.count(document, at: index) else {
                        throw JSONError(.badUTF8, at: index)
                    }
                    index += count
                } while index < end && document[index] >= 0x80
            }
        }
    }
}
