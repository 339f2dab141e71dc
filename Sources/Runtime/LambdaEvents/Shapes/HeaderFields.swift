/// Looks header fields up the way HTTP names them: without regard to ASCII case (RFC 9110, 5.1).
enum HeaderFields {
    /// What stands under a name; the exact spelling first, then any other.
    static func value<Value>(_ name: String, in fields: [String: Value]?) -> Value? {
        guard let fields else { return nil }
        if let value = fields[name] { return value }
        return fields.first { isSame($0.key, name) }?.value
    }

    /// Whether two names name the same field.
    static func isSame(_ one: String, _ other: String) -> Bool {
        one.utf8.count == other.utf8.count && zip(one.utf8, other.utf8).allSatisfy { lowercased($0) == lowercased($1) }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
