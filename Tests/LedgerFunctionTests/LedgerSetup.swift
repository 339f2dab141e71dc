import Domain
import FunctionsShared
import PostgresClient
import StreamTestSupport
import Telemetry
import TestSupport

@testable import LedgerFunction

/// A LedgerDB of its own, with the function's consumer working in the function's role.
struct LedgerSetup {
    /// As the owner of the tables, who may do most.
    let owner: PostgresConnection
    /// As the function does.
    let writer: PostgresConnection
    let journal: InMemoryJournal
    let consumer: StreamConsumer
    let logger = Logger(minimumLevel: .error, sink: { _ in })

    init(journal envelopes: [EventEnvelope] = []) throws {
        var parameters = try PostgresFixture.database(.ledger)
        owner = try PostgresConnection(parameters: parameters)
        parameters.role = "ledger_writer"
        writer = try PostgresConnection(parameters: parameters)
        journal = try InMemoryJournal(envelopes)
        consumer = StreamConsumer(connection: writer, journal: journal, projection: LedgerProjection())
    }

    /// Everything the events decide, of all tables.
    func tables() throws -> [[String]] {
        [
            try owner.contents(of: "accounts"), try owner.contents(of: "entries"),
            try owner.contents(of: "stream_positions"), try owner.contents(of: "trial_balance"),
            try owner.contents(
                of: "transactions",
                columns: "event_id, stream_id, stream_version, merchant_id, kind, refund_id, provider, "
                    + "provider_reference, entry_count, occurred_at"),
        ]
    }
}
