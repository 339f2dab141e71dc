import Domain
import PostgresClient

/// The statements that write LedgerDB: insert only, one per table and batch. What is there already stays as it is; the
/// event id is the last guard against booking anything twice.
enum LedgerTables {
    static func insertAccounts(of postings: [Posting], _ session: PostgresSession) throws(PostgresError) {
        let names = Set(postings.flatMap { $0.transaction.entries.map(\.account.name) }).sorted()
        guard !names.isEmpty else { return }
        // Sorted: two invocations that open the same accounts must not wait for each other.
        try session.query(
            "INSERT INTO accounts (account) SELECT * FROM unnest($1::text[]) ON CONFLICT (account) DO NOTHING",
            [.textArray(names)])
    }

    static func insertTransactions(_ postings: [Posting], _ session: PostgresSession) throws(PostgresError) {
        guard !postings.isEmpty else { return }
        let transactions = postings.map(\.transaction)
        try session.query(
            """
            INSERT INTO transactions (
                event_id, stream_id, stream_version, merchant_id, kind, refund_id, provider, provider_reference,
                entry_count, occurred_at)
            SELECT * FROM unnest(
                $1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                $9::smallint[], $10::timestamptz[])
            ON CONFLICT (event_id) DO NOTHING
            """,
            [
                .textArray(transactions.map(\.eventID.rawValue)), .textArray(transactions.map(\.chargeID.rawValue)),
                .integerArray(postings.map { Int64($0.version) }),
                .textArray(transactions.map(\.merchantID.rawValue)), .textArray(transactions.map(\.kind.rawValue)),
                .textArray(transactions.map { $0.refundID?.rawValue }),
                .textArray(transactions.map(\.provider.rawValue)), .textArray(transactions.map(\.providerReference)),
                .integerArray(transactions.map { Int64($0.entries.count) }),
                .timestampArray(transactions.map(\.occurredAt)),
            ])
    }

    static func insertEntries(of postings: [Posting], _ session: PostgresSession) throws(PostgresError) {
        let rows = postings.flatMap { posting in
            posting.transaction.entries.enumerated().map {
                (transaction: posting.transaction, number: Int64($0.offset + 1), entry: $0.element)
            }
        }
        guard !rows.isEmpty else { return }
        try session.query(
            """
            INSERT INTO entries (event_id, entry_number, account, amount_minor, currency, occurred_at)
            SELECT * FROM unnest(
                $1::text[], $2::smallint[], $3::text[], $4::bigint[], $5::text[], $6::timestamptz[])
            ON CONFLICT (event_id, entry_number) DO NOTHING
            """,
            [
                .textArray(rows.map(\.transaction.eventID.rawValue)), .integerArray(rows.map(\.number)),
                .textArray(rows.map(\.entry.account.name)), .integerArray(rows.map(\.entry.amountMinor)),
                .textArray(rows.map(\.entry.currency.code)), .timestampArray(rows.map(\.transaction.occurredAt)),
            ])
    }
}
