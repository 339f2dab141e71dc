import Domain
import PostgresClient

/// How far a read model has come in each stream, kept in the same database and moved in the same transaction.
enum StreamPositions {
    /// The positions as they stand, without locking; a stream that is not there stands at 0.
    static func read(_ streams: [ChargeID], _ connection: PostgresConnection) throws(PostgresError) -> [ChargeID: Int] {
        try positions(
            in: connection.query(
                "SELECT stream_id, last_version FROM stream_positions WHERE stream_id = ANY ($1::text[])",
                [.textArray(streams.map(\.rawValue))]))
    }

    /// The positions, locked until the transaction ends, so that nobody else applies to the same streams meanwhile.
    ///
    /// - Parameter streams: sorted; everybody locks in the same order, so that no two wait for each other.
    static func lock(_ streams: [ChargeID], _ session: PostgresSession) throws(PostgresError) -> [ChargeID: Int] {
        let ids = PostgresValue.textArray(streams.map(\.rawValue))
        // A row that does not exist cannot be locked.
        try session.query(
            """
            INSERT INTO stream_positions (stream_id, last_version)
            SELECT stream_id, 0 FROM unnest($1::text[]) AS t (stream_id) ORDER BY stream_id COLLATE "C"
            ON CONFLICT (stream_id) DO NOTHING
            """, [ids])
        return try positions(
            in: session.query(
                """
                SELECT stream_id, last_version FROM stream_positions
                WHERE stream_id = ANY ($1::text[]) ORDER BY stream_id COLLATE "C" FOR UPDATE
                """, [ids]))
    }

    /// Moves positions forward, never back.
    static func advance(_ positions: [ChargeID: Int], _ session: PostgresSession) throws(PostgresError) {
        guard !positions.isEmpty else { return }
        let sorted = positions.sorted { $0.key.rawValue < $1.key.rawValue }
        try session.query(
            """
            UPDATE stream_positions SET last_version = new.version
            FROM unnest($1::text[], $2::bigint[]) AS new (stream_id, version)
            WHERE stream_positions.stream_id = new.stream_id AND stream_positions.last_version < new.version
            """,
            [.textArray(sorted.map(\.key.rawValue)), .integerArray(sorted.map { Int64($0.value) })])
    }

    private static func positions(in rows: PostgresRows) throws(PostgresError) -> [ChargeID: Int] {
        var positions: [ChargeID: Int] = [:]
        for row in rows.rows {
            positions[ChargeID(rawValue: try row.text("stream_id"))] = Int(try row.integer("last_version"))
        }
        return positions
    }
}
