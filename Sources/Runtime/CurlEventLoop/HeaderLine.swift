/// One line of an HTTP head.
package enum HeaderLine {
    /// Name and value without the white space around them; `nil` for status lines and the empty line at the end.
    package static func parse(
        _ line: UnsafeRawBufferPointer
    ) -> (name: Slice<UnsafeRawBufferPointer>, value: Slice<UnsafeRawBufferPointer>)? {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0 else { return nil }
        return (trimmed(line[..<colon]), trimmed(line[(colon + 1)...]))
    }

    /// Whether the line is the field of this name, which is given in lower case.
    ///
    /// Field names are ASCII tokens whose case does not matter (RFC 9110, 5.1).
    @inline(__always)
    package static func isNamed(_ line: UnsafeRawBufferPointer, _ name: StaticString) -> Bool {
        let count = name.utf8CodeUnitCount
        return line.count > count && line[count] == UInt8(ascii: ":") && hasPrefix(line, name)
    }

    /// Whether the line begins so, without regard to case; the prefix is given in lower case.
    @inline(__always)
    package static func hasPrefix(_ line: UnsafeRawBufferPointer, _ prefix: StaticString) -> Bool {
        let count = prefix.utf8CodeUnitCount
        guard line.count >= count else { return false }
        let expected = UnsafeBufferPointer(start: prefix.utf8Start, count: count)
        for index in 0..<count where lowercased(line[index]) != expected[index] { return false }
        return true
    }

    /// Whether one of the comma-separated tokens of the line's value is this one, given in lower case.
    package static func value(_ line: UnsafeRawBufferPointer, contains token: String) -> Bool {
        guard let value = parse(line)?.value else { return false }
        return value.split(separator: UInt8(ascii: ",")).contains { part in
            trimmed(part).map(lowercased).elementsEqual(token.utf8)
        }
    }

    private static func trimmed(_ text: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        var text = text
        while let first = text.first, first <= 0x20 { text = text.dropFirst() }
        while let last = text.last, last <= 0x20 { text = text.dropLast() }
        return text
    }

    @inline(__always)
    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }
}
