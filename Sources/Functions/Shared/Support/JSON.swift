import FoundationEssentials

/// Any JSON document as a value: for bodies whose members are checked one by one and for answers with explicit nulls.
public enum JSON: Sendable, Hashable {
    /// JSON `null`.
    case null
    /// JSON `true` or `false`.
    case boolean(Bool)
    /// A number whose value is whole and fits 64 bits, however it was written (`10`, `10.0`, `1e1`).
    case integer(Int64)
    /// Any other number.
    case number(Double)
    /// A string.
    case string(String)
    /// An array.
    case array([JSON])
    /// An object; the order of its members is not kept.
    case object([String: JSON])

    /// Parses a complete document.
    ///
    /// - Returns: `nil` when the bytes are not JSON. Where exactly is not told: the parser's text differs by platform.
    public init?(parsing data: Data) {
        guard let value = try? JSONDecoder().decode(JSON.self, from: data) else { return nil }
        self = value
    }

    /// Compact JSON with sorted keys: one value has one serialisation, so it can be hashed and compared.
    public func serialized() -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Only a non-finite number cannot be encoded, and neither a parsed document nor our own answers hold one.
        return (try? encoder.encode(self)) ?? Data("null".utf8)
    }

    /// The member of an object; `nil` when absent or when this is no object.
    public subscript(name: String) -> JSON? { members?[name] }

    /// The members, when this is an object.
    public var members: [String: JSON]? { if case .object(let members) = self { members } else { nil } }
    /// The elements, when this is an array.
    public var elements: [JSON]? { if case .array(let elements) = self { elements } else { nil } }
    /// The text, when this is a string.
    public var text: String? { if case .string(let text) = self { text } else { nil } }
    /// The value, when this is a whole number.
    public var integerValue: Int64? { if case .integer(let value) = self { value } else { nil } }

    /// A string, or `null` for `nil`: the API names every member of an object, also the empty ones.
    public static func optional(_ text: String?) -> JSON { text.map(JSON.string) ?? .null }
}

extension JSON: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .boolean(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByArrayLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
}
