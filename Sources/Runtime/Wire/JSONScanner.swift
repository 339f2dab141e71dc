/// Reads one JSON document from front to back, without building anything.
///
/// The whole grammar of RFC 8259 is checked, in skipped values too. Whoever reads asks for what it expects
/// (`enterObject`, `nextKey`, `string`, …) and passes over the rest by `skipValue`. Nothing is read outside of the
/// document, whatever is in it.
///
/// Only the memory's owner knows how long it lives: use a scanner inside of `Bytes.withUnsafeBytes`.
public struct JSONScanner {
    /// The deepest nesting of arrays and objects; the same as that of Foundation's `JSONDecoder`.
    public static let maximumDepth = 512
    /// The longest document: places in it fit 31 bits. Lambda's payloads end at 6 MB.
    public static let maximumBytes = Int(Int32.max) - 1

    @usableFromInline let base: UnsafeRawPointer
    @usableFromInline let end: Int
    @usableFromInline var cursor: Int
    @usableFromInline var depth = 0
    /// Whether an array or object was just entered, so that no comma comes first.
    @usableFromInline var isAtStart = false

    /// A scanner at the beginning of a document; a byte order mark is passed over.
    public init(_ document: UnsafeRawBufferPointer) throws(JSONError) {
        guard let base = document.baseAddress else { throw JSONError(.noValue, at: 0) }
        guard document.count <= Self.maximumBytes else { throw JSONError(.tooLong, at: Self.maximumBytes) }
        self.base = base
        end = document.count
        cursor = document.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// Makes sure that only white space is left.
    public mutating func finish() throws(JSONError) {
        skipWhitespace()
        guard cursor == end else { throw JSONError(.noEnd, at: cursor) }
    }

    /// Bytes of the document before what is read next.
    @inlinable public var position: Int { cursor }

    // MARK: Tokens

    /// The byte at the cursor; zero, which begins no token, at the end.
    @inlinable
    var current: UInt8 {
        @inline(__always) get { cursor < end ? base.load(fromByteOffset: cursor, as: UInt8.self) : 0 }
    }

    /// The first byte of the next token.
    @inlinable
    @inline(__always)
    mutating func token() -> UInt8 {
        let byte = current
        if byte > 0x20 { return byte }
        skipWhitespace()
        return current
    }

    @usableFromInline
    mutating func skipWhitespace() {
        while cursor < end {
            switch base.load(fromByteOffset: cursor, as: UInt8.self) {
            case 0x20, 0x0A, 0x0D, 0x09: cursor += 1
            default: return
            }
        }
    }

    // MARK: Arrays and objects

    /// Enters the object that comes next; `nextKey` leads through it.
    @inlinable
    public mutating func enterObject() throws(JSONError) {
        guard token() == UInt8(ascii: "{") else { throw mismatch(.isNoObject) }
        try enter()
    }

    /// Enters the array that comes next; `nextElement` leads through it.
    @inlinable
    public mutating func enterArray() throws(JSONError) {
        guard token() == UInt8(ascii: "[") else { throw mismatch(.isNoArray) }
        try enter()
    }

    @inlinable
    @inline(__always)
    mutating func enter() throws(JSONError) {
        cursor += 1
        depth += 1
        isAtStart = true
        guard depth <= Self.maximumDepth else { throw JSONError(.tooDeep, at: cursor) }
    }

    @inlinable
    @inline(__always)
    mutating func leave() {
        cursor += 1
        depth -= 1
        isAtStart = false
    }

    /// Goes on to the next value of the object and returns its key; at the end leaves the object and returns `nil`.
    @inlinable
    @inline(__always)
    public mutating func nextKey() throws(JSONError) -> JSONString? {
        var byte = token()
        if byte == UInt8(ascii: "}") {
            leave()
            return nil
        }
        if !isAtStart {
            guard byte == UInt8(ascii: ",") else { throw JSONError(.noCommaOrEnd, at: cursor) }
            cursor += 1
            byte = token()
        }
        guard byte == UInt8(ascii: "\"") else { throw JSONError(.noKey, at: cursor) }
        cursor += 1
        isAtStart = false
        let key = try stringContent()
        guard token() == UInt8(ascii: ":") else { throw JSONError(.noColon, at: cursor) }
        cursor += 1
        return key
    }

    /// Goes on to the next value of the array; at the end leaves the array and returns `false`.
    @inlinable
    @inline(__always)
    public mutating func nextElement() throws(JSONError) -> Bool {
        let byte = token()
        if byte == UInt8(ascii: "]") {
            leave()
            return false
        }
        if isAtStart {
            isAtStart = false
        } else {
            guard byte == UInt8(ascii: ",") else { throw JSONError(.noCommaOrEnd, at: cursor) }
            cursor += 1
        }
        return true
    }

    // MARK: Values

    /// Passes over `null`, if that comes next.
    ///
    /// - Returns: whether it did.
    @inlinable
    @inline(__always)
    public mutating func skipNull() throws(JSONError) -> Bool {
        guard token() == UInt8(ascii: "n") else { return false }
        try skipLiteral("null")
        return true
    }

    /// The string that comes next.
    @inlinable
    @inline(__always)
    public mutating func string() throws(JSONError) -> JSONString {
        guard token() == UInt8(ascii: "\"") else { throw mismatch(.isNoString) }
        cursor += 1
        return try stringContent()
    }

    /// The truth value that comes next.
    public mutating func boolean() throws(JSONError) -> Bool {
        switch token() {
        case UInt8(ascii: "t"):
            try skipLiteral("true")
            return true
        case UInt8(ascii: "f"):
            try skipLiteral("false")
            return false
        default: throw mismatch(.isNoBoolean)
        }
    }

    /// What to say of a value that is of another type, or no value at all.
    @usableFromInline
    func mismatch(_ problem: JSONError.Problem) -> JSONError {
        switch current {
        case UInt8(ascii: "n"): JSONError(.isNull, at: cursor)
        case UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "t"), UInt8(ascii: "f"),
            UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            JSONError(problem, at: cursor)
        default: JSONError(.noValue, at: cursor)
        }
    }

    @usableFromInline
    mutating func skipLiteral(_ literal: StaticString) throws(JSONError) {
        let count = literal.utf8CodeUnitCount
        guard end - cursor >= count,
            UnsafeRawBufferPointer(start: base + cursor, count: count)
                .elementsEqual(UnsafeBufferPointer(start: literal.utf8Start, count: count))
        else { throw JSONError(.noValue, at: cursor) }
        cursor += count
    }

    /// Lends a string's text; a copy only where something is escaped.
    @inlinable
    @inline(__always)
    public func withText<Result>(of string: JSONString, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        precondition(string.offset >= 0 && string.count >= 0 && string.offset + string.count <= end)
        let content = UnsafeRawBufferPointer(start: base + string.offset, count: string.count)
        guard string.isEscaped else { return body(content) }
        return Bytes(capacity: string.count) { JSONEscapes.resolve(content, into: $0) }.withUnsafeBytes(body)
    }
}
