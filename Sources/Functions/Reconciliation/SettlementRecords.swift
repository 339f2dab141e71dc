import Domain
import PostgresClient

/// Remembers which file accounted for which ledger transaction, so that tomorrow's run does not look for it again.
struct SettlementRecords: Sendable {
    let connection: PostgresConnection

    /// Replaces what earlier runs noted for the same day: a restated file may account for other transactions.
    func record(_ report: ReconciliationReport, day: SettlementDay) async throws(PostgresError) {
        let settled = report.lines.compactMap { line in
            line.item.flatMap { item in line.row.map { (item.eventID.rawValue, $0.balanceTransactionID) } }
        }
        try await connection.renewingParameters { () throws(PostgresError) in
            try connection.transaction { session throws(PostgresError) in
                try session.query(
                    "DELETE FROM settled_items WHERE settlement_date = $1::date", [.text(day.description)])
                try session.query(
                    """
                    INSERT INTO settled_items (event_id, settlement_date, balance_transaction_id)
                    SELECT event_id, $1::date, balance_transaction_id
                    FROM unnest($2::text[], $3::text[]) AS t (event_id, balance_transaction_id)
                    """,
                    [.text(day.description), .textArray(settled.map { $0.0 }), .textArray(settled.map { $0.1 })])
            }
        }
    }
}
