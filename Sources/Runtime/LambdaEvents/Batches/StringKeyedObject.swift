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

    /// Reads an object of strings.
    static func strings(_ json: Bytes) -> [String: String] {
        var strings: [String: String] = [:]
        readAgain(json) { (scanner, key) throws(JSONError) in
            let value = try scanner.string()
            let key = scanner.text(of: key)
            if strings[key] == nil { strings[key] = scanner.text(of: value) }
        }
        return strings
    }

    /// Reads an object that was read before, so is known to be valid.
    static func readAgain(
        _ json: Bytes, value: (inout JSONScanner, JSONString) throws(JSONError) -> Void
    ) {
        json.withUnsafeBytes { document in
            guard var scanner = try? JSONScanner(document) else { return }
            try? read(&scanner, value: value)
        }
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
