/// The rule nearly every AWS name follows.
enum AWSNames {
    /// Whether a text holds nothing but ASCII letters, digits and the given further characters.
    static func isAlphanumeric(_ text: String, or further: String) -> Bool {
        text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: further.utf8.contains(byte)
            }
        }
    }
}
