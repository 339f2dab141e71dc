/// The header fields of a request or response, in order, found by name without regard to case (RFC 9110, 5.1).
public struct HTTPHeaders: Sendable {
    /// The fields as they were added or received.
    public private(set) var pairs: [(name: String, value: String)]

    /// No fields.
    public init() {
        pairs = []
    }

    /// The given fields, in order; a name may occur several times.
    public init(_ pairs: [(name: String, value: String)]) {
        self.pairs = pairs
    }

    /// The first value of a field; setting replaces every field of that name, `nil` removes them.
    public subscript(name: String) -> String? {
        get { pairs.first { Self.matches($0.name, name) }?.value }
        set {
            guard let newValue else {
                pairs.removeAll { Self.matches($0.name, name) }
                return
            }
            guard let index = pairs.firstIndex(where: { Self.matches($0.name, name) }) else {
                pairs.append((name, newValue))
                return
            }
            pairs[index].value = newValue
            let rest = pairs[(index + 1)...].filter { !Self.matches($0.name, name) }
            pairs.replaceSubrange((index + 1)..., with: rest)
        }
    }

    /// Adds a field after those that are there, also when one of that name exists.
    public mutating func add(_ name: String, _ value: String) {
        pairs.append((name, value))
    }

    /// Every value of a field, in order.
    public func values(_ name: String) -> [String] {
        pairs.filter { Self.matches($0.name, name) }.map(\.value)
    }

    /// Field names are ASCII tokens, so folding the ASCII letters is the whole of case-insensitivity here.
    private static func matches(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        return zip(left.utf8, right.utf8).allSatisfy { lowercased($0) == lowercased($1) }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }
}

extension HTTPHeaders: Equatable {
    public static func == (left: HTTPHeaders, right: HTTPHeaders) -> Bool {
        left.pairs.elementsEqual(right.pairs) { $0.name == $1.name && $0.value == $1.value }
    }
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init(elements.map { (name: $0.0, value: $0.1) })
    }
}
