import Domain
import PostgresClient

/// The streams a read model cannot follow, for people to look at. Nothing watches the table: an error is logged each
/// time a stream is found stuck.
enum Quarantine {
    /// Notes blocked streams; a stream that is stuck at the same place again keeps its first row, and one that somebody
    /// else brought past the place meanwhile gets none.
    static func record(_ blocked: [BlockedStream], _ session: PostgresSession) throws(PostgresError) {
        guard !blocked.isEmpty else { return }
        try session.query(
            """
            INSERT INTO quarantined_records (stream_id, version, event_id, reason, detail)
            SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[])
                AS blocked (stream_id, version, event_id, reason, detail)
            WHERE NOT EXISTS (
                SELECT 1 FROM stream_positions AS reached
                WHERE reached.stream_id = blocked.stream_id AND reached.last_version >= blocked.version)
            ON CONFLICT (stream_id, version) DO UPDATE SET
                reason = excluded.reason, detail = excluded.detail, last_seen_at = excluded.last_seen_at
            """,
            [
                .textArray(blocked.map(\.streamID.rawValue)), .integerArray(blocked.map { Int64($0.version) }),
                .textArray(blocked.map { $0.eventID?.rawValue.storable }), .textArray(blocked.map(\.reason.rawValue)),
                .textArray(blocked.map(\.detail.storable)),
            ])
    }

    /// Removes the rows of streams that went past the place where they were stuck.
    static func release(_ positions: [ChargeID: Int], _ session: PostgresSession) throws(PostgresError) {
        guard !positions.isEmpty else { return }
        let sorted = positions.sorted { $0.key.rawValue < $1.key.rawValue }
        try session.query(
            """
            DELETE FROM quarantined_records USING unnest($1::text[], $2::bigint[]) AS reached (stream_id, version)
            WHERE quarantined_records.stream_id = reached.stream_id AND quarantined_records.version <= reached.version
            """,
            [.textArray(sorted.map(\.key.rawValue)), .integerArray(sorted.map { Int64($0.value) })])
    }

    /// The streams that have waited longest since they were last tried, each with the version it waits at.
    static func oldest(
        limit: Int, _ connection: PostgresConnection
    ) throws(PostgresError) -> [(streamID: ChargeID, version: Int)] {
        let rows = try connection.query(
            """
            SELECT stream_id, max(version) AS version FROM quarantined_records
            GROUP BY stream_id ORDER BY min(last_seen_at), stream_id LIMIT $1::bigint
            """, [.integer(Int64(limit))])
        var streams: [(streamID: ChargeID, version: Int)] = []
        for row in rows.rows {
            streams.append((ChargeID(rawValue: try row.text("stream_id")), Int(try row.integer("version"))))
        }
        return streams
    }
}
