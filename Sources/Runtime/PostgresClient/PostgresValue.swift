import FoundationEssentials

/// A parameter of a statement; `nil` in a parameter list is NULL.
///
/// Values travel in their text form and the statement's own casts (`$1::text[]`) give them their type. The array cases
/// are what `unnest` takes: one statement for a whole batch of rows.
public enum PostgresValue: Sendable, Equatable {
    /// Any text, also the text form of a type that has no case of its own (`json`, `numeric`).
    case text(String)
    /// An integer of any width.
    case integer(Int64)
    /// A truth value.
    case boolean(Bool)
    /// An instant; kept to the microsecond.
    case timestamp(Date)
    /// Raw bytes, for `bytea`.
    case bytes(Data)
    /// An array of texts, NULLs allowed.
    case textArray([String?])
    /// An array of integers, NULLs allowed.
    case integerArray([Int64?])
    /// An array of truth values.
    case booleanArray([Bool])
    /// An array of instants, NULLs allowed.
    case timestampArray([Date?])

    /// The text form libpq sends.
    var wireText: String {
        switch self {
        case .text(let value): value
        case .integer(let value): String(value)
        case .boolean(let value): value ? "t" : "f"
        case .timestamp(let value): PostgresTimestamp.text(of: value)
        case .bytes(let value): Self.hexadecimal(value)
        case .textArray(let values): Self.array(values) { $0.map(Self.quotedElement) }
        case .integerArray(let values): Self.array(values) { $0.map { String($0) } }
        case .booleanArray(let values): Self.array(values) { $0 ? "t" : "f" }
        case .timestampArray(let values): Self.array(values) { $0.map { "\"\(PostgresTimestamp.text(of: $0))\"" } }
        }
    }

    private static func array<Element>(_ elements: [Element], _ text: (Element) -> String?) -> String {
        var result = "{"
        for (index, element) in elements.enumerated() {
            if index > 0 { result += "," }
            result += text(element) ?? "NULL"
        }
        return result + "}"
    }

    /// An element in double quotes, in which only the quote and the backslash need escaping (PostgreSQL manual, 8.15.6).
    private static func quotedElement(_ value: String) -> String {
        var bytes: [UInt8] = [UInt8(ascii: "\"")]
        bytes.reserveCapacity(value.utf8.count + 2)
        for byte in value.utf8 {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The `\x…` input form of `bytea`.
    private static func hexadecimal(_ data: Data) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var bytes = Array("\\x".utf8)
        bytes.reserveCapacity(2 + data.count * 2)
        for byte in data {
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 15)])
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
