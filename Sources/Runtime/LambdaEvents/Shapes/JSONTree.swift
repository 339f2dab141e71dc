/// Any JSON value: what a shape holds where AWS passes somebody else's document through.
///
/// What was decoded is what is encoded again, explicit nulls included. Whole numbers of up to 128 bits are exact, all
/// others have the precision of `Double`; a number beyond its range (10³⁰⁸) is refused. As in JavaScript, and in JSON
/// Schema, `1.0` is the whole number 1. Of the members of an object the order is not kept.
public enum JSONTree: Codable, Sendable, Hashable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A whole number.
    case integer(Int128)
    /// Any other number.
    case double(Double)
    /// A text.
    case string(String)
    /// Values in order.
    case array([JSONTree])
    /// Values by name.
    case object([String: JSONTree])

    /// Takes whatever value comes next.
    public init(from decoder: any Decoder) throws {
        if let members = try? decoder.container(keyedBy: MemberName.self) {
            var object: [String: JSONTree] = [:]
            for name in members.allKeys {
                object[name.stringValue] = try members.decode(JSONTree.self, forKey: name)
            }
            self = .object(object)
        } else if var elements = try? decoder.unkeyedContainer() {
            var array: [JSONTree] = []
            while !elements.isAtEnd { array.append(try elements.decode(JSONTree.self)) }
            self = .array(array)
        } else {
            self = try Self.leaf(decoder.singleValueContainer())
        }
    }

    private static func leaf(_ value: any SingleValueDecodingContainer) throws -> JSONTree {
        if value.decodeNil() { return .null }
        // A truth value before numbers: some decoders give it out as a number too.
        if let text = try? value.decode(String.self) { return .string(text) }
        if let truth = try? value.decode(Bool.self) { return .bool(truth) }
        if let number = try? value.decode(Int128.self) { return .integer(number) }
        return .double(try value.decode(Double.self))
    }

    /// Writes the value; a number that is not finite is the encoder's to refuse.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .object(let members):
            var container = encoder.container(keyedBy: MemberName.self)
            for (name, member) in members { try container.encode(member, forKey: MemberName(stringValue: name)) }
        case .array(let elements):
            var container = encoder.unkeyedContainer()
            for element in elements { try container.encode(element) }
        case .null:
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        case .bool(let truth):
            var container = encoder.singleValueContainer()
            try container.encode(truth)
        case .integer(let number):
            var container = encoder.singleValueContainer()
            try container.encode(number)
        case .double(let number):
            var container = encoder.singleValueContainer()
            try container.encode(number)
        case .string(let text):
            var container = encoder.singleValueContainer()
            try container.encode(text)
        }
    }

    /// The name of an object's member.
    private struct MemberName: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) {
            self.stringValue = stringValue
        }

        init?(intValue: Int) { nil }
    }
}

// MARK: Reading

extension JSONTree {
    /// The text, if it is one.
    public var stringValue: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The whole number, if it is one that an `Int` holds.
    public var intValue: Int? {
        if case .integer(let number) = self { Int(exactly: number) } else { nil }
    }

    /// The number, if it is one; a whole number beyond 2⁵³ loses precision.
    public var doubleValue: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }

    /// The truth value, if it is one.
    public var boolValue: Bool? {
        if case .bool(let truth) = self { truth } else { nil }
    }

    /// The elements, if it is an array.
    public var arrayValue: [JSONTree]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The members, if it is an object.
    public var objectValue: [String: JSONTree]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// A member of an object; `nil` when there is none, or when this is no object.
    public subscript(_ name: String) -> JSONTree? { objectValue?[name] }

    /// An element of an array; `nil` when there is none, or when this is no array.
    public subscript(_ index: Int) -> JSONTree? {
        guard let arrayValue, arrayValue.indices.contains(index) else { return nil }
        return arrayValue[index]
    }
}

// MARK: Literals

// `nil` is no literal for `null`: it would make `.some(.null)` of many a `nil` that means no value at all.
extension JSONTree: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// A truth value.
    public init(booleanLiteral value: Bool) {
        self = .bool(value)
    }

    /// A whole number.
    public init(integerLiteral value: Int64) {
        self = .integer(Int128(value))
    }

    /// A number; one without a fraction is the whole number, as when it is decoded.
    public init(floatLiteral value: Double) {
        self = Int128(exactly: value).map(JSONTree.integer) ?? .double(value)
    }

    /// A text.
    public init(stringLiteral value: String) {
        self = .string(value)
    }

    /// An array.
    public init(arrayLiteral elements: JSONTree...) {
        self = .array(elements)
    }

    /// An object; of a name given twice the last value counts.
    public init(dictionaryLiteral elements: (String, JSONTree)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
}

// MARK: Members of shapes

extension KeyedDecodingContainer {
    /// Keeps `"member": null`, a value somebody sent, apart from a member that is not there.
    ///
    /// The compiler prefers this to the general method wherever a shape of this module has an optional tree.
    func decodeIfPresent(_ type: JSONTree.Type, forKey key: Key) throws -> JSONTree? {
        contains(key) ? try decode(type, forKey: key) : nil
    }
}
