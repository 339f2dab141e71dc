import Domain
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
    /// The records each stream's events came in.
    private(set) var records: [ChargeID: [KinesisEvent.Record]] = [:]
    /// What could not be read; its neighbours are not affected.
    private(set) var undecodable: [Undecodable] = []

    init(_ event: KinesisEvent) {
        for record in event.records {
            do throws(EventCodingError) {
                let envelope = try EventEnvelope.decoded(from: record.data)
                envelopes[envelope.streamID, default: []].append(envelope)
                records[envelope.streamID, default: []].append(record)
            } catch {
                undecodable.append(Undecodable(record: record, problem: error))
            }
        }
    }

    /// The streams in a fixed order: whoever locks several of them locks in this order.
    var streamIDs: [ChargeID] {
        envelopes.keys.sorted { $0.rawValue < $1.rawValue }
    }
}
