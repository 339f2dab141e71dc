import Wire

/// Looks header fields up the way HTTP names them: without regard to ASCII case (RFC 9110, 5.1).
enum HeaderFields {
    /// What stands under a name; the exact spelling first, then any other.
    static func value<Value>(_ name: String, in fields: [String: Value]?) -> Value? {
        guard let fields else { return nil }
        if let value = fields[name] { return value }
        return fields.first { ASCII.equalIgnoringCase($0.key.utf8, name.utf8) }?.value
    }
}
