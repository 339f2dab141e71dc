import Domain
import Foundation
import LambdaEvents
import PostgresClient
import TestSupport
import Wire

/// Kinesis batches as Lambda delivers them, well behaved and not.
public enum StreamDelivery {
    /// A record of these bytes; `position` becomes its sequence number.
    public static func record(
        _ data: Data, partitionKey: String, position: Int, stream: String = "events"
    ) -> KinesisEvent.Record {
        let digits = String(position)
        let sequenceNumber = "4959" + String(repeating: "0", count: 52 - digits.count) + digits
        return KinesisEvent.Record(
            kinesis: .init(
                partitionKey: partitionKey, sequenceNumber: sequenceNumber, data: Bytes(data),
                approximateArrivalTimestamp: 1_790_000_000.5),
            eventID: "shardId-000000000000:\(sequenceNumber)",
            eventSourceARN: "arn:aws:kinesis:eu-central-1:000000000000:stream/\(stream)", awsRegion: "eu-central-1",
            invokeIdentityARN: "arn:aws:iam::000000000000:role/test")
    }

    /// One batch of these events in this order.
    public static func batch(_ envelopes: [EventEnvelope]) throws -> KinesisEvent {
        KinesisEvent(
            records: try envelopes.enumerated().map {
                record(try $0.element.encoded(), partitionKey: $0.element.streamID.rawValue, position: $0.offset)
            })
    }

    /// An event as a build writes it whose schema is newer than ours: nothing of `data` is as we know it.
    public static func newerSchema(_ envelope: EventEnvelope) -> Data {
        Data(
            """
            {"causation_id":"c","data":{"of_another_kind":[]},"event_id":"\(envelope.eventID)",\
            "merchant_id":"\(envelope.merchantID)","occurred_at":"2026-11-20T10:00:00.000Z","schema_version":\
            \(EventEnvelope.currentSchemaVersion + 1),"stream_id":"\(envelope.streamID)","trace_id":"t",\
            "type":"\(envelope.type)","version":\(envelope.version)}
            """.utf8)
    }

    /// The events as a bad day delivers them: some lost, some twice, shuffled across and within streams, cut into
    /// batches of any size, batches delivered again whole and bisected. Only each stream's last event is sure to come,
    /// as the relay makes it in the end.
    public static func badDay(
        _ envelopes: [EventEnvelope], using generator: inout SeededGenerator
    ) throws -> [KinesisEvent] {
        var delivered = envelopes.filter { _ in !generator.oneIn(5) }
        delivered += envelopes.filter { _ in generator.oneIn(4) }
        delivered += Dictionary(grouping: envelopes, by: \.streamID).values.compactMap(\.last)
            .sorted { $0.streamID.rawValue < $1.streamID.rawValue }
        delivered.shuffle(using: &generator)
        var batches: [[EventEnvelope]] = []
        while !delivered.isEmpty {
            let size = min(Int.random(in: 1...25, using: &generator), delivered.count)
            let batch = Array(delivered.prefix(size))
            delivered.removeFirst(size)
            batches.append(batch)
            if generator.oneIn(3) {
                batches += [Array(batch.prefix(size / 2)), Array(batch.dropFirst(size / 2))]
            }
            if generator.oneIn(4), let earlier = batches.randomElement(using: &generator) { batches.append(earlier) }
        }
        return try batches.map(batch)
    }
}

extension PostgresConnection {
    /// All rows of a table as sorted text; `columns` leaves out what is not decided by the events.
    public func contents(of table: String, columns: String = "*") throws -> [String] {
        let rows = try query("SELECT t::text AS line FROM (SELECT \(columns) FROM \(table)) AS t ORDER BY 1")
        return try rows.rows.map { try $0.text("line") }
    }
}
