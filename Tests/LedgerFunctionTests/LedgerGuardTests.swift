import Domain
import FunctionsShared
import PostgresClient
import StreamTestSupport
import TestSupport
import Testing

@testable import LedgerFunction

/// Everything here is done by SQL, past our own code: the database has to refuse it by itself.
@Suite("The database itself guards the books")
struct LedgerGuardTests {
    private static let changes = ["accounts", "transactions", "entries"].flatMap { table in
        [
            "UPDATE \(table) SET \(table == "accounts" ? "account = account" : "occurred_at = occurred_at")",
            "DELETE FROM \(table)", "DELETE FROM \(table) WHERE false", "TRUNCATE \(table) CASCADE",
        ]
    }

    private func makeBookedSetup() async throws -> LedgerSetup {
        let setup = try LedgerSetup()
        let events = try ChargeStory.refundedCharge("a")
        _ = try await setup.consumer.consume(StreamDelivery.batch(events), logger: setup.logger)
        return setup
    }

    /// Inserts a transaction with its entries (account, amount, currency) and commits.
    private func book(
        _ setup: LedgerSetup, eventID: String = "evt_x", entryCount: Int64,
        entries: [(account: String, amountMinor: Int64, currency: String)]
    ) throws(PostgresError) {
        try setup.writer.transaction { session throws(PostgresError) in
            try session.query(
                """
                INSERT INTO transactions (event_id, stream_id, stream_version, merchant_id, kind, provider,
                    entry_count, occurred_at) VALUES ($1, 'ch_x', 1, 'mer_x', 'charge', 'stripe', $2, now())
                """, [.text(eventID), .integer(entryCount)])
            for (offset, entry) in entries.enumerated() {
                try session.query(
                    "INSERT INTO accounts (account) VALUES ($1) ON CONFLICT DO NOTHING", [.text(entry.account)])
                try session.query(
                    "INSERT INTO entries VALUES ($1, $2, $3, $4, $5, now())",
                    [
                        .text(eventID), .integer(Int64(offset + 1)), .text(entry.account), .integer(entry.amountMinor),
                        .text(entry.currency),
                    ])
            }
        }
    }

    private func refusal(_ body: () throws(PostgresError) -> Void) -> PostgresServerFailure? {
        do {
            try body()
            return nil
        } catch {
            if case .server(let failure) = error { return failure }
            return nil
        }
    }

    @Test("UPDATE, DELETE and TRUNCATE are refused, even to a superuser and where no row would change")
    func immutable() async throws {
        let setup = try await makeBookedSetup()
        let before = try setup.tables()
        for statement in Self.changes.flatMap({ [$0, "SET session_replication_role = replica; " + $0] }) {
            let refusal = refusal { () throws(PostgresError) in try setup.owner.execute(statement) }
            #expect(refusal?.sqlState == "23001", "\(statement)")
            #expect(refusal?.message.contains("append only") == true, "\(statement)")
        }
        #expect(try setup.tables() == before)
    }

    @Test("the function's own role has no right to change or remove anything")
    func rights() async throws {
        let setup = try await makeBookedSetup()
        for statement in Self.changes + ["UPDATE parked_records SET reason = ''", "DELETE FROM parked_records"] {
            let refusal = refusal { () throws(PostgresError) in try setup.writer.execute(statement) }
            #expect(refusal?.sqlState == "42501", "\(statement)")
        }
    }

    @Test("whoever reconciles or reads cannot book")
    func readers() throws {
        var parameters = try PostgresFixture.database(.ledger)
        for role in ["ledger_reader", "ledger_reconciler"] {
            parameters.role = role
            let connection = try PostgresConnection(parameters: parameters)
            let refusal = refusal { () throws(PostgresError) in
                try connection.execute("INSERT INTO accounts VALUES ('bank')")
            }
            #expect(refusal?.sqlState == "42501")
        }
    }

    @Test("a balanced transaction is accepted")
    func balanced() throws {
        let setup = try LedgerSetup()
        try book(setup, entryCount: 2, entries: [("bank", 5, "EUR"), ("fees", -5, "EUR")])
        #expect(try setup.owner.query("SELECT 1 FROM entries").count == 2)
    }

    @Test("an unbalanced transaction is refused at commit, and nothing of it stays")
    func unbalanced() throws {
        let setup = try LedgerSetup()
        let refusal = refusal { () throws(PostgresError) in
            try book(setup, entryCount: 2, entries: [("bank", 5, "EUR"), ("fees", -4, "EUR")])
        }
        #expect(refusal?.constraint == "transaction_is_balanced")
        #expect(refusal?.message.contains("EUR 1") == true)
        #expect(try setup.tables().allSatisfy(\.isEmpty))
    }

    @Test("currencies do not balance each other")
    func currencies() throws {
        let setup = try LedgerSetup()
        let refusal = refusal { () throws(PostgresError) in
            try book(setup, entryCount: 2, entries: [("bank", 5, "EUR"), ("fees", -5, "USD")])
        }
        #expect(refusal?.constraint == "transaction_is_balanced")
        #expect(refusal?.message.contains("EUR 5, USD -5") == true)
    }

    @Test("amounts whose sum does not fit 64 bits are added exactly, not around the corner")
    func overflow() throws {
        let setup = try LedgerSetup()
        let half = Int64.max
        let refusal = refusal { () throws(PostgresError) in
            try book(
                setup, entryCount: 4,
                entries: [("a", half, "EUR"), ("b", half, "EUR"), ("c", 1, "EUR"), ("d", 1, "EUR")])
        }
        #expect(refusal?.constraint == "transaction_is_balanced")
    }

    @Test("a transaction without its entries is refused at commit")
    func incomplete() throws {
        let setup = try LedgerSetup()
        let refusal = refusal { () throws(PostgresError) in try book(setup, entryCount: 2, entries: []) }
        #expect(refusal?.constraint == "transaction_is_complete")
    }

    @Test("entries cannot be added to a booked transaction, not even balanced ones")
    func laterEntries() async throws {
        let setup = try await makeBookedSetup()
        let refusal = refusal { () throws(PostgresError) in
            try setup.writer.execute(
                """
                INSERT INTO entries SELECT event_id, 2 + n, account, CASE n WHEN 1 THEN 7 ELSE -7 END, currency,
                    occurred_at FROM entries, (VALUES (1), (2)) AS t (n) WHERE entry_number = 1
                """)
        }
        #expect(refusal?.constraint == "transaction_is_complete")
    }

    @Test("an event is booked once")
    func uniqueEvent() throws {
        let setup = try LedgerSetup()
        try book(setup, entryCount: 2, entries: [("bank", 5, "EUR"), ("fees", -5, "EUR")])
        let refusal = refusal { () throws(PostgresError) in
            try book(setup, entryCount: 2, entries: [("bank", 5, "EUR"), ("fees", -5, "EUR")])
        }
        #expect(refusal?.sqlState == "23505")
    }

    @Test("a temporary table does not deceive the guards")
    func shadowing() throws {
        let setup = try LedgerSetup()
        let refusal = refusal { () throws(PostgresError) in
            try setup.owner.execute(
                """
                CREATE TEMP TABLE entries AS SELECT 'evt_y' AS event_id, 5 AS amount_minor, 'EUR' AS currency
                    UNION ALL SELECT 'evt_y', -5, 'EUR';
                INSERT INTO public.transactions (event_id, stream_id, stream_version, merchant_id, kind, provider,
                    entry_count, occurred_at) VALUES ('evt_y', 'ch_y', 1, 'm', 'charge', 'stripe', 2, now());
                """)
        }
        #expect(refusal?.constraint == "transaction_is_complete")
    }

    @Test("an account without superuser rights can migrate its own database and run the function in its role")
    func ordinaryOwner() async throws {
        let administrator = try PostgresFixture.connection(.ledger)
        let name = "owner_\(UInt32.random(in: 0 ... .max))"
        try administrator.execute(
            """
            CREATE ROLE \(name) LOGIN CREATEROLE;
            GRANT ledger_writer, ledger_reader, ledger_reconciler TO \(name) WITH ADMIN OPTION;
            """)
        try administrator.execute("CREATE DATABASE \(name) OWNER \(name) TEMPLATE template0")
        var parameters = administrator.parameters
        parameters.database = name
        parameters.username = name
        let directory = PostgresFixture.migrationsDirectory(.ledger)
        #expect(
            try PostgresMigrator(directory: directory).migrate(PostgresConnection(parameters: parameters)).count == 1)

        parameters.role = "ledger_writer"
        let consumer = StreamConsumer(
            connection: try PostgresConnection(parameters: parameters), journal: try InMemoryJournal(),
            projection: LedgerProjection())
        let batch = try StreamDelivery.batch(ChargeStory.refundedCharge("a"))
        #expect(try await consumer.consume(batch, logger: LedgerSetup().logger) == .init())
    }

    @Test("a balance at any moment is answered by the index alone")
    func coveringIndex() throws {
        let connection = try PostgresFixture.connection(.ledger)
        let plan = try connection.transaction { session throws(PostgresError) in
            try session.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
            return try session.query(
                """
                EXPLAIN SELECT sum(amount_minor) FROM entries
                WHERE account = 'bank' AND currency = 'EUR' AND occurred_at < now()
                """)
        }
        #expect(
            try plan.rows.contains { try $0.text("QUERY PLAN").contains("Index Only Scan using entries_by_account") })
    }
}
