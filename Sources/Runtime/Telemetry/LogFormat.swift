import Wire

/// How a line is written; the names are Lambda's (`AWS_LAMBDA_LOG_FORMAT`).
public enum LogFormat: String, Sendable {
    /// One JSON object per line.
    case json = "JSON"
    /// Time, level and message, then `name=value` for each field.
    case text = "Text"

    /// The format of that name, in any case; `nil` for a name that Lambda does not use.
    public init?(named name: String) {
        switch name.lowercased() {
        case "json": self = .json
        case "text": self = .text
        default: return nil
        }
    }

    /// What every line has by itself.
    private static let ownNames: Set<String> = ["timestamp", "level", "message"]

    /// One complete line. Every text is masked (`Redaction`); no text can break out of its line.
    ///
    /// A field with a name of the line's own gets an underscore in front: two members of one name are no JSON that all
    /// readers understand alike (RFC 8259, 4).
    func line(time: UnixTime, level: LogLevel, message: String, fields: [String: LogValue]) -> String {
        let fields = Self.renamed(fields).sorted { $0.key < $1.key }
        switch self {
        case .json:
            var line = "{\"timestamp\":\"\(time.rfc3339)\",\"level\":\"\(level.rawValue)\""
            line += ",\"message\":" + JSONText.string(Redaction.mask(message))
            for (name, value) in fields { line += "," + JSONText.string(name) + ":" + value.json }
            return line + "}\n"
        case .text:
            var line = "\(time.rfc3339) \(level.rawValue) \(Self.onOneLine(Redaction.mask(message)))"
            for (name, value) in fields { line += " \(Self.onOneLine(name))=\(value.text)" }
            return line + "\n"
        }
    }

    private static func renamed(_ fields: [String: LogValue]) -> [String: LogValue] {
        guard fields.keys.contains(where: ownNames.contains) else { return fields }
        var renamed = fields
        for name in ownNames {
            guard let value = renamed.removeValue(forKey: name) else { continue }
            var free = "_" + name
            while renamed[free] != nil { free = "_" + free }
            renamed[free] = value
        }
        return renamed
    }

    /// The text with everything that could break a line written as `\uXXXX`.
    fileprivate static func onOneLine(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isLineBreaking) else { return text }
        return text.unicodeScalars.map { scalar in
            guard isLineBreaking(scalar) else { return String(scalar) }
            let digits = String(scalar.value, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }.joined()
    }

    /// Control characters, and the two separators of Unicode that some readers take for line breaks.
    fileprivate static func isLineBreaking(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || scalar.value == 0x7F || (0x80...0x9F).contains(scalar.value)
            || scalar.value == 0x2028 || scalar.value == 0x2029
    }
}

/// A value of a log field.
public enum LogValue: Sendable, Equatable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByStringInterpolation
{
    /// Text; runs of digits that could be a card number are masked when it is written.
    case string(String)
    /// An id that this system or AWS made: a UUID or a trace header, which is not masked although its digits may look
    /// like a card number. Text of another shape is masked like any other.
    case identifier(String)
    /// A whole number.
    case integer(Int)
    /// A truth value.
    case boolean(Bool)

    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }

    fileprivate var json: String {
        switch self {
        case .string, .identifier: JSONText.string(maskedText)
        case .integer(let number): Self.json(of: number)
        case .boolean(let flag): flag ? "true" : "false"
        }
    }

    /// The text as it may be written; empty for what is no text.
    private var maskedText: String {
        switch self {
        case .string(let text): Redaction.mask(text)
        case .identifier(let text): IdentifierShape.matches(text) ? text : Redaction.mask(text)
        case .integer, .boolean: ""
        }
    }

    /// A number that could be a card's becomes masked text.
    private static func json(of number: Int) -> String {
        let digits = String(number)
        let masked = Redaction.mask(digits)
        return masked == digits ? digits : JSONText.string(masked)
    }

    /// Text that holds a space, a quote or an equals sign stands in quotes, so that the fields can be told apart.
    fileprivate var text: String {
        switch self {
        case .string, .identifier: Self.quotedWhereNeeded(maskedText)
        case .integer, .boolean: json
        }
    }

    private static func quotedWhereNeeded(_ text: String) -> String {
        let needsQuotes =
            text.isEmpty
            || text.unicodeScalars.contains {
                $0 == " " || $0 == "\"" || $0 == "=" || LogFormat.isLineBreaking($0)
            }
        return needsQuotes ? LogFormat.onOneLine(JSONText.string(text)) : text
    }
}
