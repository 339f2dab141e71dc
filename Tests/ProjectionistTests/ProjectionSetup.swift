import Domain
import FunctionsShared
import PostgresClient
import StreamTestSupport
import Telemetry
import TestSupport

@testable import Projectionist

/// A PaymentDB of its own with a journal and the function's consumer.
struct ProjectionSetup {
    let connection: PostgresConnection
    let journal: InMemoryJournal
    let consumer: StreamConsumer
    let logger = Logger(minimumLevel: .error, sink: { _ in })

    init(journal envelopes: [EventEnvelope] = []) throws {
        connection = try PostgresFixture.connection(.payment)
        journal = try InMemoryJournal(envelopes)
        consumer = StreamConsumer(connection: connection, journal: journal, projection: ChargeProjection())
    }

    /// Everything the events decide, of all tables.
    func tables() throws -> [[String]] {
        [
            try connection.contents(of: "stream_positions"), try connection.contents(of: "charge_events"),
            try connection.contents(of: "charges"), try connection.contents(of: "refunds"),
            try connection.contents(of: "quarantined_records", columns: "stream_id, version, event_id, reason, detail"),
        ]
    }

    /// The charge's version in the table; 0 when it has no row.
    func version(of charge: ChargeID) throws -> Int64 {
        try connection.query("SELECT version FROM charges WHERE charge_id = $1", [.text(charge.rawValue)])
            .first?.integer("version") ?? 0
    }
}
