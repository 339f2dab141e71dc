import Wire

/// An HTTP body inside a JSON document: as text where it is text, else as base64.
enum BodyText {
    /// The body's bytes; `nil` when it is flagged as base64 but is not.
    static func bytes(of body: String, isBase64Encoded: Bool) -> Bytes? {
        isBase64Encoded ? Base64.decode(body) : Bytes(utf8: body)
    }

    /// Bytes as text when they are UTF-8, else as base64.
    static func encoded(_ bytes: some Sequence<UInt8>) -> (text: String, isBase64Encoded: Bool) {
        let bytes = Bytes(bytes)
        if let text = String(validating: bytes) { return (text, false) }
        return (Base64.encode(bytes), true)
    }
}
