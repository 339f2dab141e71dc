/// One word or sign of an expression.
enum ExpressionToken: Sendable, Equatable {
    /// A bare word: attribute, function or keyword.
    case word(String)
    /// `#name`.
    case namePlaceholder(String)
    /// `:value`.
    case valuePlaceholder(String)
    /// Digits, as in `[0]`.
    case number(String)
    /// Any of `( ) [ ] , . + - = <> < <= > >=`.
    case sign(String)
    /// The end of the text.
    case end

    var text: String {
        switch self {
        case .word(let text), .namePlaceholder(let text), .valuePlaceholder(let text), .number(let text),
            .sign(let text):
            text
        case .end: "<EOF>"
        }
    }

    /// Keywords are recognised without regard to case.
    func isKeyword(_ keyword: String) -> Bool {
        if case .word(let text) = self { return text.uppercased() == keyword }
        return false
    }
}

/// Splits an expression into tokens.
struct ExpressionLexer {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// All tokens, closed by `.end`.
    static func tokens(_ text: String, _ kind: ExpressionKind) throws(AWSServiceError) -> [ExpressionToken] {
        var lexer = ExpressionLexer(text)
        var tokens: [ExpressionToken] = []
        repeat { tokens.append(try lexer.next(kind)) } while tokens.last != .end
        return tokens
    }

    private mutating func next(_ kind: ExpressionKind) throws(AWSServiceError) -> ExpressionToken {
        while let byte = peek, byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
        guard let byte = peek else { return .end }
        let start = position
        switch byte {
        case UInt8(ascii: "#"), UInt8(ascii: ":"):
            position += 1
            skipWord()
            guard position > start + 1 else { throw syntaxError(kind, start) }
            return byte == UInt8(ascii: "#") ? .namePlaceholder(text(start)) : .valuePlaceholder(text(start))
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            while let digit = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) { position += 1 }
            return .number(text(start))
        case UInt8(ascii: "<"), UInt8(ascii: ">"):
            position += 1
            if peek == UInt8(ascii: "=") || (byte == UInt8(ascii: "<") && peek == UInt8(ascii: ">")) { position += 1 }
            return .sign(text(start))
        case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ","),
            UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "="):
            position += 1
            return .sign(text(start))
        default:
            guard Self.isWordByte(byte) else { throw syntaxError(kind, start) }
            skipWord()
            return .word(text(start))
        }
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipWord() {
        while let byte = peek, Self.isWordByte(byte) { position += 1 }
    }

    private func text(_ start: Int) -> String { String(decoding: bytes[start..<position], as: UTF8.self) }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private func syntaxError(_ kind: ExpressionKind, _ start: Int) -> AWSServiceError {
        let token = String(decoding: bytes[start...].prefix(1), as: UTF8.self)
        let near = String(decoding: bytes[max(0, start - 10)..<min(bytes.count, start + 10)], as: UTF8.self)
        return kind.invalid("Syntax error; token: \"\(token)\", near: \"\(near)\"")
    }
}
