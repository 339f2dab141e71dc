import Domain
import FoundationEssentials
import LambdaEvents

/// The records of one Kinesis batch, decoded and sorted by stream.
struct StreamBatch: Sendable {
    /// A record that is no event of ours.
    struct Undecodable: Sendable {
        let record: KinesisEvent.Record
        /// Names fields, never contents.
        let problem: EventCodingError
    }

    /// The events of each stream, in the order of the batch.
    private(set) var envelopes: [ChargeID: [EventEnvelope]] = [:]
    /// What says where it belongs but cannot be read: only the journal can tell whether its stream goes on.
    private(set) var unreadable: [ChargeID: [UnreadableEvent]] = [:]
    /// The records each stream's events came in.
    private(set) var records: [ChargeID: [KinesisEvent.Record]] = [:]
    /// What is no event of ours; its neighbours are not affected.
    private(set) var undecodable: [Undecodable] = []

    init(_ event: KinesisEvent) {
        for record in event.records {
            do throws(EventCodingError) {
                let envelope = try EventEnvelope.decoded(from: Data(record.data))
                guard envelope.streamID.isStream else { throw .malformed("stream_id is no charge's") }
                envelopes[envelope.streamID, default: []].append(envelope)
                records[envelope.streamID, default: []].append(record)
            } catch {
                add(record, problem: error)
            }
        }
    }

    /// A newer build's event is ours, and its stream waits for that build. Anything else that cannot be read is no
    /// event of ours, even if it claims a place in a stream.
    private mutating func add(_ record: KinesisEvent.Record, problem: EventCodingError) {
        let header = EventHeader(Data(record.data))
        if let header {
            unreadable[header.streamID, default: []].append(UnreadableEvent(header: header, problem: problem))
            records[header.streamID, default: []].append(record)
        }
        if case .unsupportedSchemaVersion = problem, header != nil { return }
        undecodable.append(Undecodable(record: record, problem: problem))
    }

    /// The streams in a fixed order: whoever locks several of them locks in this order.
    var streamIDs: [ChargeID] {
        Set(envelopes.keys).union(unreadable.keys).sorted { $0.rawValue < $1.rawValue }
    }

    /// What the batch asks for in a stream that stands at a position.
    func demand(of streamID: ChargeID, at position: Int) -> StreamDemand {
        StreamDemand(
            streamID: streamID, position: position, delivered: envelopes[streamID] ?? [],
            unreadable: unreadable[streamID] ?? [])
    }
}

/// An event whose place is known and whose meaning is not.
struct UnreadableEvent: Sendable, Equatable {
    let header: EventHeader
    /// Names fields, never contents.
    let problem: EventCodingError
}
