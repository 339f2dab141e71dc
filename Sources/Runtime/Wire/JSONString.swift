/// Where a string's content is in a document, between its quotes; its escapes and UTF-8 are known to be valid.
public struct JSONString: Equatable, Sendable {
    /// Bytes of the document before the content.
    public let offset: Int
    /// Length of the content in bytes, as it is written.
    public let count: Int
    /// Whether the content has escape sequences.
    public let isEscaped: Bool

    /// A string at a place.
    @inlinable
    public init(offset: Int, count: Int, isEscaped: Bool) {
        self.offset = offset
        self.count = count
        self.isEscaped = isEscaped
    }

    /// The text.
    ///
    /// - Parameter document: the one that the string is in.
    public func text(in document: Bytes) -> String {
        let content = document.part(offset..<offset + count)
        guard isEscaped else { return content.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
        return String(unsafeUninitializedCapacity: count) { target in
            content.withUnsafeBytes { JSONEscapes.resolve($0, into: UnsafeMutableRawBufferPointer(target)) }
        }
    }

    /// The text's UTF-8: a part of the document where nothing is escaped.
    public func bytes(in document: Bytes) -> Bytes {
        let content = document.part(offset..<offset + count)
        guard isEscaped else { return content }
        return Bytes(capacity: count) { target in
            content.withUnsafeBytes { JSONEscapes.resolve($0, into: target) }
        }
    }
}
