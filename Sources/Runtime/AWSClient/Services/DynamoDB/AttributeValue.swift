import FoundationEssentials

/// One value in a DynamoDB item, tagged with its type on the wire: `{"S": "text"}`, `{"N": "12"}`, …
public enum AttributeValue: Sendable, Hashable {
    case string(String)
    /// A decimal number in text form, up to 38 digits; DynamoDB trims it to its shortest form.
    case number(String)
    case binary(Data)
    case boolean(Bool)
    case null
    case map([String: AttributeValue])
    case list([AttributeValue])
    /// Sets come back in no particular order.
    case stringSet([String])
    case numberSet([String])
    case binarySet([Data])

    /// A whole number.
    public static func integer(_ value: some FixedWidthInteger) -> AttributeValue {
        .number(String(value))
    }

    /// The text of a string value.
    public var stringValue: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The number, when it is a whole one that fits.
    public var integerValue: Int64? {
        if case .number(let text) = self { Int64(text) } else { nil }
    }

    /// The bytes of a binary value.
    public var binaryValue: Data? {
        if case .binary(let data) = self { data } else { nil }
    }

    /// The truth of a boolean value.
    public var booleanValue: Bool? {
        if case .boolean(let value) = self { value } else { nil }
    }

    /// The entries of a map value.
    public var mapValue: [String: AttributeValue]? {
        if case .map(let entries) = self { entries } else { nil }
    }

    /// The elements of a list value.
    public var listValue: [AttributeValue]? {
        if case .list(let elements) = self { elements } else { nil }
    }
}

extension AttributeValue: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) {
        self = .string(value)
    }
}

extension AttributeValue: Codable {
    /// DynamoDB API Reference, "AttributeValue": exactly one of these is present.
    private enum CodingKeys: String, CodingKey {
        case string = "S"
        case number = "N"
        case binary = "B"
        case boolean = "BOOL"
        case null = "NULL"
        case map = "M"
        case list = "L"
        case stringSet = "SS"
        case numberSet = "NS"
        case binarySet = "BS"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        guard let key = container.allKeys.first, container.allKeys.count == 1 else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "an attribute value has exactly one type"))
        }
        switch key {
        case .string: self = .string(try container.decode(String.self, forKey: key))
        case .number: self = .number(try container.decode(String.self, forKey: key))
        case .binary: self = .binary(try container.decode(Data.self, forKey: key))
        case .boolean: self = .boolean(try container.decode(Bool.self, forKey: key))
        case .null: self = .null
        case .map: self = .map(try container.decode([String: AttributeValue].self, forKey: key))
        case .list: self = .list(try container.decode([AttributeValue].self, forKey: key))
        case .stringSet: self = .stringSet(try container.decode([String].self, forKey: key))
        case .numberSet: self = .numberSet(try container.decode([String].self, forKey: key))
        case .binarySet: self = .binarySet(try container.decode([Data].self, forKey: key))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .string(let text): try container.encode(text, forKey: .string)
        case .number(let text): try container.encode(text, forKey: .number)
        case .binary(let data): try container.encode(data, forKey: .binary)
        case .boolean(let value): try container.encode(value, forKey: .boolean)
        case .null: try container.encode(true, forKey: .null)
        case .map(let entries): try container.encode(entries, forKey: .map)
        case .list(let elements): try container.encode(elements, forKey: .list)
        case .stringSet(let texts): try container.encode(texts, forKey: .stringSet)
        case .numberSet(let texts): try container.encode(texts, forKey: .numberSet)
        case .binarySet(let pieces): try container.encode(pieces, forKey: .binarySet)
        }
    }
}
