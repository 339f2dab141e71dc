import Foundation

/// Text that is equal only byte by byte, as in DynamoDB. Swift's own comparison would take an accented letter and
/// its decomposed spelling for the same.
struct ExactText: Sendable, Hashable, Comparable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (left: ExactText, right: ExactText) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }
    static func < (left: ExactText, right: ExactText) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
    func hash(into hasher: inout Hasher) {
        Array(text.utf8).withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}

/// An attribute's value in any of DynamoDB's types.
indirect enum DynamoDBValue: Sendable, Hashable {
    case string(ExactText)
    case number(DynamoDBNumber)
    case binary(Data)
    case boolean(Bool)
    case null
    case list([DynamoDBValue])
    case map([String: DynamoDBValue])
    case stringSet(Set<ExactText>)
    case numberSet(Set<DynamoDBNumber>)
    case binarySet(Set<Data>)

    /// The type's name on the wire: `S`, `N`, …
    var typeName: String {
        switch self {
        case .string: "S"
        case .number: "N"
        case .binary: "B"
        case .boolean: "BOOL"
        case .null: "NULL"
        case .list: "L"
        case .map: "M"
        case .stringSet: "SS"
        case .numberSet: "NS"
        case .binarySet: "BS"
        }
    }

    static let typeNames: Set<String> = ["S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"]

    /// Bytes that count towards the item's size (developer guide, "DynamoDB item sizes and formats").
    var byteCount: Int {
        switch self {
        case .string(let text): text.text.utf8.count
        case .number(let number): number.byteCount
        case .binary(let data): data.count
        case .boolean, .null: 1
        case .list(let elements): 3 + elements.reduce(0) { $0 + 1 + $1.byteCount }
        case .map(let members): 3 + members.reduce(0) { $0 + 1 + $1.key.utf8.count + $1.value.byteCount }
        case .stringSet(let elements): elements.reduce(0) { $0 + $1.text.utf8.count }
        case .numberSet(let elements): elements.reduce(0) { $0 + $1.byteCount }
        case .binarySet(let elements): elements.reduce(0) { $0 + $1.count }
        }
    }

    /// The order of two values of one of the ordered types; `nil` when they have none.
    static func isLess(_ left: DynamoDBValue, _ right: DynamoDBValue) -> Bool? {
        switch (left, right) {
        case (.string(let left), .string(let right)): left < right
        case (.number(let left), .number(let right)): left < right
        case (.binary(let left), .binary(let right)): left.lexicographicallyPrecedes(right)
        default: nil
        }
    }

    /// Whether values of this type can be compared with `<`.
    var isOrdered: Bool {
        switch self {
        case .string, .number, .binary: true
        default: false
        }
    }
}

/// An item: attributes by name.
typealias DynamoDBItem = [String: DynamoDBValue]

extension [String: DynamoDBValue] {
    /// Bytes of names and values together.
    var itemByteCount: Int { reduce(0) { $0 + $1.key.utf8.count + $1.value.byteCount } }

    /// The wire form of an item.
    var wire: JSONValue { .object(mapValues(\.wire)) }
}
