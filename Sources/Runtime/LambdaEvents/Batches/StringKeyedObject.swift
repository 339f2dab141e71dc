import Wire

/// Objects whose keys are anybody's: attributes.
enum StringKeyedObject {
    /// Reads an object whose values all have one type.
    ///
    /// Of duplicate keys only the first counts, so the others may be of another type. To know them costs a set of all
    /// keys; so an object is read again with that set only once a value of another type is met.
    ///
    /// - Parameter value: reads one value; may get the values once more from the beginning, and some twice by
    ///   duplicate keys, where it has to keep the first.
    @inline(__always)
    static func read(
        _ scanner: inout JSONScanner, value: (inout JSONScanner, JSONString) throws(JSONError) -> Void
    ) throws(JSONError) {
        let beginning = scanner
        do throws(JSONError) {
            try scanner.enterObject()
            while let key = try scanner.nextKey() { try value(&scanner, key) }
        } catch {
            guard !error.problem.isSyntax else { throw error }
            scanner = beginning
            try readFirsts(&scanner, value: value)
        }
    }

    private static func readFirsts(
        _ scanner: inout JSONScanner, value: (inout JSONScanner, JSONString) throws(JSONError) -> Void
    ) throws(JSONError) {
        var keys: Set<String> = []
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if keys.insert(scanner.text(of: key)).inserted {
                try value(&scanner, key)
            } else {
                try scanner.skipValue()
            }
        }
    }

    /// The strings of an object that was read before; members that are null are left out.
    static func strings(_ json: Bytes) -> [String: String] {
        values(json) { (scanner) throws(JSONError) in try scanner.optionalString().map(scanner.text) }
    }

    /// The values of an object that was read before, so is known to be valid; none where there was no object.
    ///
    /// - Parameter value: reads one value; `nil` leaves the member out.
    static func values<Value>(
        _ json: Bytes, value: (inout JSONScanner) throws(JSONError) -> Value?
    ) -> [String: Value] {
        var values: [String: Value?] = [:]
        json.withUnsafeBytes { document in
            guard var scanner = try? JSONScanner(document) else { return }
            try? read(&scanner) { (scanner, key) throws(JSONError) in
                let value = try value(&scanner)
                let key = scanner.text(of: key)
                if values[key] == nil { values.updateValue(value, forKey: key) }
            }
        }
        return values.compactMapValues(\.self)
    }
}

extension JSONScanner {
    /// A string's text.
    func text(of string: JSONString) -> String { withText(of: string) { String(decoding: $0, as: UTF8.self) } }

    /// The string that comes next, unless it is `null`.
    @inline(__always)
    mutating func optionalString() throws(JSONError) -> JSONString? {
        try skipNull() ? nil : try string()
    }
}
