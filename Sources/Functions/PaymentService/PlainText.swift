/// What the texts of a request must be, whichever parameter they stand in.
enum PlainText {
    /// Whether a text is without U+0000, which PostgreSQL cannot store, and the other control characters of ASCII, which
    /// nobody types and whoever prints the text later may obey.
    static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }

    /// Limits count scalars: one visible character may be made of any number of them.
    static func hasAtMost(_ count: Int, _ text: String) -> Bool {
        text.unicodeScalars.count <= count
    }
}
