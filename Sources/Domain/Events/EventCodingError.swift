/// Why bytes could not be read as an event, or an event not be written. Names fields, never contents.
public enum EventCodingError: Error, Sendable, Equatable {
    /// Not JSON, or not an envelope: what is missing or wrong, and where.
    case malformed(String)
    /// A known type in a schema version newer than this build. It must not be skipped: its meaning is unknown.
    case unsupportedSchemaVersion(type: String, schemaVersion: Int)
    /// The encoded envelope exceeds `EventEnvelope.maximumEncodedBytes`.
    case tooLarge(bytes: Int, limitBytes: Int)
}

extension EventCodingError: CustomStringConvertible {
    /// One sentence that names what is wrong.
    public var description: String {
        switch self {
        case .malformed(let detail):
            "not an event: \(detail)"
        case .unsupportedSchemaVersion(let type, let schemaVersion):
            "\(type) has schema version \(schemaVersion); this build reads up to \(EventEnvelope.currentSchemaVersion)"
        case .tooLarge(let bytes, let limitBytes):
            "the event takes \(bytes) bytes; the limit is \(limitBytes)"
        }
    }
}
