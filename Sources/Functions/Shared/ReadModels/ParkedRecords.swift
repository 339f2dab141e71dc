import LambdaEvents
import PostgresClient

/// The records of the stream that are no events of ours, noted for people before the shard goes on without them.
///
/// Lambda delivers everything from a reported record on again, for ever. So a record is reported once, and known when
/// it comes again. The record itself stays in the stream for its retention time; its payload is not kept, because
/// nobody knows what is in it.
enum ParkedRecords {
    /// Notes records, any of them any number of times.
    ///
    /// - Returns: the records that had not been noted before.
    static func park(
        _ undecodable: [StreamBatch.Undecodable], _ connection: PostgresConnection
    ) throws(PostgresError) -> [StreamBatch.Undecodable] {
        // Not what the INSERT skipped: it runs again when its connection breaks, and would then find its own rows.
        let known = try known(among: undecodable, connection)
        let new = undecodable.filter { !known.contains(Key($0.record)) }
        if !new.isEmpty { try insert(new, connection) }
        return new
    }

    private struct Key: Hashable {
        let eventSourceARN: String
        let sequenceNumber: String

        init(_ record: KinesisEvent.Record) {
            eventSourceARN = record.eventSourceARN.storable
            sequenceNumber = record.sequenceNumber.storable
        }

        init(_ row: PostgresRow) throws(PostgresError) {
            eventSourceARN = try row.text("event_source_arn")
            sequenceNumber = try row.text("sequence_number")
        }
    }

    private static func known(
        among undecodable: [StreamBatch.Undecodable], _ connection: PostgresConnection
    ) throws(PostgresError) -> Set<Key> {
        let keys = undecodable.map { Key($0.record) }
        let rows = try connection.query(
            """
            SELECT event_source_arn, sequence_number FROM parked_records
            JOIN unnest($1::text[], $2::text[]) AS t (event_source_arn, sequence_number)
                USING (event_source_arn, sequence_number)
            """,
            [.textArray(keys.map(\.eventSourceARN)), .textArray(keys.map(\.sequenceNumber))])
        var known: Set<Key> = []
        for row in rows.rows { known.insert(try Key(row)) }
        return known
    }

    private static func insert(
        _ new: [StreamBatch.Undecodable], _ connection: PostgresConnection
    ) throws(PostgresError) {
        let keys = new.map { Key($0.record) }
        try connection.query(
            """
            INSERT INTO parked_records (event_source_arn, sequence_number, partition_key, reason)
            SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
            ON CONFLICT (event_source_arn, sequence_number) DO NOTHING
            """,
            [
                .textArray(keys.map(\.eventSourceARN)), .textArray(keys.map(\.sequenceNumber)),
                .textArray(new.map(\.record.partitionKey.storable)), .textArray(new.map { "\($0.problem)".storable }),
            ])
    }
}

extension String {
    /// The text as PostgreSQL can hold it: a zero byte, which it cannot, becomes the replacement character.
    ///
    /// For notes about what strangers wrote; a note must never fail for what is in it.
    var storable: String {
        guard utf8.contains(0) else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
    }
}
