import Foundation

/// The members of a JSON request, read by name and type; a wrong type is an error that names the member.
struct AWSInput: Sendable {
    let members: [String: JSONValue]
    let missing: @Sendable (String) -> AWSServiceError

    /// The member's value; JSON `null` counts as absent, as the SDKs treat it.
    subscript(name: String) -> JSONValue? {
        guard let value = members[name], !value.isNull else { return nil }
        return value
    }

    func string(_ name: String) throws(AWSServiceError) -> String? {
        guard let value = self[name] else { return nil }
        guard let string = value.stringValue else { throw Self.wrongType(name, "a string") }
        return string
    }

    func requiredString(_ name: String) throws(AWSServiceError) -> String {
        guard let value = try string(name) else { throw missing(name) }
        return value
    }

    func integer(_ name: String) throws(AWSServiceError) -> Int? {
        guard let value = self[name] else { return nil }
        guard let integer = value.intValue else { throw Self.wrongType(name, "an integer") }
        return integer
    }

    func boolean(_ name: String) throws(AWSServiceError) -> Bool? {
        guard let value = self[name] else { return nil }
        guard let boolean = value.boolValue else { throw Self.wrongType(name, "a boolean") }
        return boolean
    }

    /// A point in time given in seconds since 1970, as milliseconds.
    func timestampMilliseconds(_ name: String) throws(AWSServiceError) -> Int64? {
        switch self[name] {
        case nil: return nil
        case .integer(let seconds) where abs(seconds) < Int64.max / 1000: return seconds * 1000
        case .number(let seconds) where abs(seconds) < 1e15: return Int64((seconds * 1000).rounded())
        default: throw Self.wrongType(name, "a timestamp in seconds")
        }
    }

    /// Bytes sent as base64 text.
    func data(_ name: String) throws(AWSServiceError) -> Data? {
        guard let text = try string(name) else { return nil }
        guard let data = Data(base64Encoded: text) else { throw Self.wrongType(name, "base64 text") }
        return data
    }

    func list(_ name: String) throws(AWSServiceError) -> [JSONValue]? {
        guard let value = self[name] else { return nil }
        guard let list = value.arrayValue else { throw Self.wrongType(name, "a list") }
        return list
    }

    func strings(_ name: String) throws(AWSServiceError) -> [String]? {
        guard let list = try list(name) else { return nil }
        var strings: [String] = []
        for element in list {
            guard let string = element.stringValue else { throw Self.wrongType(name, "a list of strings") }
            strings.append(string)
        }
        return strings
    }

    func object(_ name: String) throws(AWSServiceError) -> [String: JSONValue]? {
        guard let value = self[name] else { return nil }
        guard let object = value.objectValue else { throw Self.wrongType(name, "a structure") }
        return object
    }

    func stringMap(_ name: String) throws(AWSServiceError) -> [String: String]? {
        guard let object = try object(name) else { return nil }
        var map: [String: String] = [:]
        for (key, value) in object {
            guard let string = value.stringValue else { throw Self.wrongType("\(name).\(key)", "a string") }
            map[key] = string
        }
        return map
    }

    /// A nested structure with the same rules.
    func nested(_ name: String) throws(AWSServiceError) -> AWSInput? {
        guard let object = try object(name) else { return nil }
        return AWSInput(members: object, missing: missing)
    }

    /// A list of structures with the same rules.
    func structures(_ name: String) throws(AWSServiceError) -> [AWSInput]? {
        guard let list = try list(name) else { return nil }
        var structures: [AWSInput] = []
        for element in list {
            guard let object = element.objectValue else { throw Self.wrongType(name, "a list of structures") }
            structures.append(AWSInput(members: object, missing: missing))
        }
        return structures
    }

    func required<Value>(_ name: String, _ value: Value?) throws(AWSServiceError) -> Value {
        guard let value else { throw missing(name) }
        return value
    }

    private static func wrongType(_ name: String, _ expected: String) -> AWSServiceError {
        AWSServiceError("SerializationException", "The member '\(name)' must be \(expected).")
    }
}
