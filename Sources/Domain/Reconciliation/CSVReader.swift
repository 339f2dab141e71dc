import FoundationEssentials

/// Reads comma-separated records as RFC 4180 has them: quoted fields with doubled quotes, line breaks inside quotes,
/// CRLF or LF, an optional UTF-8 byte order mark. Works on the bytes; nothing but the present record is held.
struct CSVReader {
    /// One record and the line it begins on.
    struct Record: Equatable {
        let line: Int
        let fields: [String]
    }

    private let bytes: Data
    private var position: Data.Index
    /// Line of the next byte, from 1.
    private var line = 1

    private static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")
    private static let carriageReturn = UInt8(ascii: "\r")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    init(_ bytes: Data) {
        self.bytes = bytes
        position = bytes.startIndex
        if bytes.starts(with: Self.byteOrderMark) { position += Self.byteOrderMark.count }
    }

    /// The next record, nil at the end. Lines without any byte are skipped.
    mutating func next() throws(SettlementError) -> Record? {
        while let byte = peek(), byte == Self.carriageReturn || byte == Self.lineFeed { skipLineBreak() }
        guard peek() != nil else { return nil }
        let start = line
        var fields: [String] = []
        while true {
            fields.append(try field(recordLine: start))
            guard let byte = peek() else { break }
            if byte == Self.comma {
                position += 1
                continue
            }
            skipLineBreak()
            break
        }
        return Record(line: start, fields: fields)
    }

    /// Ends on a comma, a line break or the end.
    private mutating func field(recordLine: Int) throws(SettlementError) -> String {
        if peek() == Self.quote { return try quotedField(recordLine: recordLine) }
        let start = position
        while let byte = peek(), byte != Self.comma, byte != Self.carriageReturn, byte != Self.lineFeed {
            guard byte != Self.quote else { throw SettlementError(.misplacedQuote, line: line) }
            position += 1
        }
        return try text(Array(bytes[start..<position]))
    }

    private mutating func quotedField(recordLine: Int) throws(SettlementError) -> String {
        position += 1
        var content: [UInt8] = []
        while let byte = peek() {
            position += 1
            if byte == Self.lineFeed { line += 1 }
            guard byte == Self.quote else {
                content.append(byte)
                continue
            }
            if peek() == Self.quote {
                content.append(Self.quote)
                position += 1
                continue
            }
            if let following = peek(), following != Self.comma, following != Self.carriageReturn,
                following != Self.lineFeed
            {
                throw SettlementError(.misplacedQuote, line: line)
            }
            return try text(content)
        }
        throw SettlementError(.unterminatedQuote, line: recordLine)
    }

    private func text(_ content: [UInt8]) throws(SettlementError) -> String {
        guard let text = String(validating: content, as: UTF8.self) else {
            throw SettlementError(.notUTF8, line: line)
        }
        return text
    }

    private func peek() -> UInt8? {
        position < bytes.endIndex ? bytes[position] : nil
    }

    /// CRLF, LF or a lone CR.
    private mutating func skipLineBreak() {
        if peek() == Self.carriageReturn { position += 1 }
        if peek() == Self.lineFeed { position += 1 }
        line += 1
    }
}
