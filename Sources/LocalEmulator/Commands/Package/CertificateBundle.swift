import Foundation

/// The certificates of a PEM file (RFC 7468).
struct CertificateBundle {
    let count: Int

    private static let begin = "-----BEGIN CERTIFICATE-----"
    private static let end = "-----END CERTIFICATE-----"

    /// Reads every certificate.
    ///
    /// - Returns: `nil` when one is damaged, or when there is none.
    init?(pem: Data) {
        var body: String?
        var count = 0
        for line in String(decoding: pem, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let line = line.trimmingCharacters(in: .whitespaces)
            switch (line, body) {
            case (Self.begin, nil): body = ""
            case (Self.end, let text?):
                guard let der = Data(base64Encoded: text), Self.isCertificate(BoundedBytes(der)) else { return nil }
                count += 1
                body = nil
            case (_, let text?): body = text + line
            // What stands between certificates is a comment.
            case (_, nil): continue
            }
        }
        guard body == nil, count > 0 else { return nil }
        self.count = count
    }

    /// Whether this is a SEQUENCE of exactly what an X.509 certificate consists of: contents, algorithm, signature.
    private static func isCertificate(_ der: BoundedBytes) -> Bool {
        guard let whole = element(der, at: 0), whole.tag == Tag.sequence, whole.end == der.count else { return false }
        var tags: [UInt8] = []
        var offset = whole.start
        while offset < whole.end, let part = element(der, at: offset) {
            tags.append(part.tag)
            offset = part.end
        }
        return offset == whole.end && tags == [Tag.sequence, Tag.sequence, Tag.bitString]
    }

    /// One DER element (X.690): its tag, and where its content is.
    private static func element(_ der: BoundedBytes, at offset: Int) -> (tag: UInt8, start: Int, end: Int)? {
        guard let tag = der.number(at: offset, as: UInt8.self), let first = der.number(at: offset + 1, as: UInt8.self)
        else { return nil }
        var start = offset + 2
        var length = Int(first)
        if first & 0x80 != 0 {
            length = 0
            // Four bytes are enough for any certificate.
            guard (1...4).contains(first & 0x7F) else { return nil }
            for _ in 0..<(first & 0x7F) {
                guard let byte = der.number(at: start, as: UInt8.self) else { return nil }
                length = length << 8 | Int(byte)
                start += 1
            }
        }
        return start + length <= der.count ? (tag, start, start + length) : nil
    }

    private enum Tag {
        static let bitString: UInt8 = 0x03
        static let sequence: UInt8 = 0x30
    }
}
