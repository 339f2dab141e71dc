/// Writes one JSON document as bytes, separators included.
///
/// The caller keeps the order of calls (a key before each value of an object, an end for each begin); the texts may be
/// anything.
public struct JSONWriter: ~Copyable {
    private var buffer: ByteBuffer
    /// Whether a value precedes in the array or object at hand.
    private var needsComma = false

    /// An empty document.
    ///
    /// - Parameter capacity: bytes to have room for at once.
    public init(capacity: Int = 0) {
        buffer = ByteBuffer(capacity: capacity)
    }

    /// Opens an object.
    public mutating func beginObject() { begin(UInt8(ascii: "{")) }

    /// Closes the object.
    public mutating func endObject() { end(UInt8(ascii: "}")) }

    /// Opens an array.
    public mutating func beginArray() { begin(UInt8(ascii: "[")) }

    /// Closes the array.
    public mutating func endArray() { end(UInt8(ascii: "]")) }

    /// Names the next value of an object.
    public mutating func key(_ name: String) {
        separate()
        JSONText.append(name, to: &buffer)
        buffer.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A text as a value.
    public mutating func string(_ text: String) {
        separate()
        JSONText.append(text, to: &buffer)
    }

    /// An integer as a value.
    public mutating func integer(_ value: some BinaryInteger) {
        separate()
        buffer.append(utf8: String(value))
    }

    /// A number as a value, in the shortest form that reads back as the same number.
    ///
    /// - Returns: whether JSON can express it; nothing is written for infinities and NaN.
    public mutating func number(_ value: Double) -> Bool {
        guard value.isFinite else { return false }
        separate()
        buffer.append(utf8: value.description)
        return true
    }

    /// `true` or `false` as a value.
    public mutating func boolean(_ value: Bool) {
        separate()
        buffer.append(value ? "true" : "false")
    }

    /// `null` as a value.
    public mutating func null() {
        separate()
        buffer.append("null")
    }

    /// Bytes as a value: base64 in quotes.
    public mutating func base64(_ bytes: Bytes) {
        separate()
        buffer.append(UInt8(ascii: "\""))
        Base64.encode(bytes, into: &buffer)
        buffer.append(UInt8(ascii: "\""))
    }

    /// A value that is JSON already.
    public mutating func raw(_ json: Bytes) {
        separate()
        buffer.append(json)
    }

    /// The document; the writer is empty afterwards.
    public mutating func takeBytes() -> Bytes {
        needsComma = false
        return buffer.takeBytes()
    }

    private mutating func begin(_ bracket: UInt8) {
        separate()
        buffer.append(bracket)
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        buffer.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { buffer.append(UInt8(ascii: ",")) }
        needsComma = true
    }
}
