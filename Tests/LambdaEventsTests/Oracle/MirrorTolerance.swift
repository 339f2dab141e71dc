/// What a field is when the document lacks it.
protocol EmptyValue {
    init()
}

extension String: EmptyValue {}
extension Double: EmptyValue {}

/// A field that may be missing or null, and is empty then.
@propertyWrapper
struct OrEmpty<Value: Decodable & Equatable & EmptyValue>: Decodable, Equatable {
    var wrappedValue: Value

    init(wrappedValue: Value) {
        self.wrappedValue = wrappedValue
    }

    init(from decoder: any Decoder) throws {
        wrappedValue = try Value(from: decoder)
    }
}

extension KeyedDecodingContainer {
    /// The compiler prefers this to the general method, which fails where the key is missing.
    func decode<Value>(_: OrEmpty<Value>.Type, forKey key: Key) throws -> OrEmpty<Value> {
        OrEmpty(wrappedValue: try decodeIfPresent(Value.self, forKey: key) ?? Value())
    }
}

/// An object whose members that are null are left out.
struct WithoutNulls<Value: Decodable & Equatable>: Decodable, Equatable, EmptyValue {
    var members: [String: Value]

    init() {
        members = [:]
    }

    init(_ members: [String: Value]) {
        self.members = members
    }

    init(from decoder: any Decoder) throws {
        members = try decoder.singleValueContainer().decode([String: Value?].self).compactMapValues { $0 }
    }
}
