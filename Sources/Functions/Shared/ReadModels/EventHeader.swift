import Domain
import FoundationEssentials

/// The part of an envelope that is the same in every schema version: which event it is, and where it belongs.
///
/// Read from what cannot be read as a whole, so that an event of a newer build holds up its own charge only.
struct EventHeader: Sendable, Equatable, Decodable {
    let eventID: EventID
    let streamID: ChargeID
    /// The event's place in its stream, from 1.
    let version: Int

    private enum CodingKeys: String, CodingKey {
        case eventID = "event_id"
        case streamID = "stream_id"
        case version
    }

    /// The header of these bytes; `nil` when they name no place in a stream.
    init?(_ data: Data) {
        guard let header = try? JSONDecoder().decode(EventHeader.self, from: data), header.version >= 1,
            header.streamID.isStream
        else { return nil }
        self = header
    }
}

extension ChargeID {
    /// Longest partition key of Kinesis in characters (API reference, `PutRecord`). Ours are charge ids.
    static let maximumCharacters = 256

    /// Whether a stream can have this id. Others are nothing that we wrote, and nothing PostgreSQL can hold as a key.
    var isStream: Bool {
        !rawValue.isEmpty && rawValue.unicodeScalars.count <= Self.maximumCharacters && !rawValue.utf8.contains(0)
    }
}
