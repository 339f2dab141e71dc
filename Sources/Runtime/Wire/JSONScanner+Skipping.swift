extension JSONScanner {
    /// Passes over the value that comes next, whatever it is, and checks that it is valid.
    ///
    /// Without recursion: the depth of a document must not be that of the stack.
    public mutating func skipValue() throws(JSONError) {
        let outside = depth
        var containers = ContainerKinds()
        repeat {
            if depth > outside {
                let isInside = containers.isObject(depth) ? try nextKey() != nil : try nextElement()
                guard isInside else { continue }
            }
            switch token() {
            case UInt8(ascii: "\""): _ = try string()
            case UInt8(ascii: "{"):
                try enter()
                containers.set(depth, isObject: true)
            case UInt8(ascii: "["):
                try enter()
                containers.set(depth, isObject: false)
            case UInt8(ascii: "n"): try skipLiteral("null")
            case UInt8(ascii: "t"): try skipLiteral("true")
            case UInt8(ascii: "f"): try skipLiteral("false")
            case let byte where Self.beginsNumber(byte): _ = try numberParts()
            default: throw JSONError(.noValue, at: cursor)
            }
        } while depth > outside
    }

    /// Which of the containers around a place are objects: one bit per level.
    private struct ContainerKinds {
        private var bits = InlineArray<8, UInt64>(repeating: 0)

        func isObject(_ depth: Int) -> Bool { bits[(depth - 1) / 64] & 1 << UInt64((depth - 1) % 64) != 0 }

        mutating func set(_ depth: Int, isObject: Bool) {
            let bit: UInt64 = 1 << UInt64((depth - 1) % 64)
            if isObject { bits[(depth - 1) / 64] |= bit } else { bits[(depth - 1) / 64] &= ~bit }
        }
    }
}
