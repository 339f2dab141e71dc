import Domain
import Foundation
import FunctionsShared
import LambdaEvents
import PostgresClient
import StreamTestSupport
import TestSupport
import Testing

@testable import Projectionist

@Suite("However events are delivered, the tables are the same")
struct DeliveryTests {
    @Test("D-11 D-12: lost, doubled, shuffled, bisected and replayed batches", arguments: 1...20 as ClosedRange<UInt64>)
    func badDay(seed: UInt64) async throws {
        let events = try ChargeStory.events(seed: seed, charges: 12)
        let goodDay = try ProjectionSetup()
        #expect(try await goodDay.consumer.consume(StreamDelivery.batch(events), logger: goodDay.logger) == .init())

        let badDay = try ProjectionSetup(journal: events)
        var generator = SeededGenerator(seed: seed)
        for batch in try StreamDelivery.badDay(events, using: &generator) {
            #expect(try await badDay.consumer.consume(batch, logger: badDay.logger) == .init())
        }
        #expect(try badDay.tables() == goodDay.tables())
        #expect(goodDay.journal.loads == 0, "an orderly delivery does not ask the journal")
        #expect(badDay.journal.loads > 0)
    }

    @Test("one event per batch makes the same tables as one batch of all")
    func batchSizes() async throws {
        let events = try ChargeStory.events(seed: 99, charges: 5)
        let whole = try ProjectionSetup()
        _ = try await whole.consumer.consume(StreamDelivery.batch(events), logger: whole.logger)
        let single = try ProjectionSetup()
        for event in events {
            _ = try await single.consumer.consume(StreamDelivery.batch([event]), logger: single.logger)
        }
        #expect(try single.tables() == whole.tables())
    }

    @Test("the row is the fold of the events, and the API reads from it what it would fold from the journal")
    func fold() async throws {
        let events = try ChargeStory.events(seed: 7, charges: 25)
        let setup = try ProjectionSetup()
        _ = try await setup.consumer.consume(StreamDelivery.batch(events), logger: setup.logger)
        let store = PostgresChargeReadStore(connection: setup.connection)
        for (id, envelopes) in Dictionary(grouping: events, by: \.streamID) {
            let charge = try #require(try ChargeRules.fold(envelopes))
            let view = try #require(try await store.charge(id: id, merchantID: charge.merchantID))
            #expect(view.version == charge.version)
            #expect(view.status == charge.status)
            #expect(view.amount == charge.amount)
            #expect(view.capturedMinor == charge.capturedMinor)
            #expect(view.refundedMinor == charge.refundedMinor)
            #expect(view.metadata == charge.metadata)
            #expect(view.description == charge.description)
            #expect(view.failure?.reason == charge.failure?.reason)
            #expect(view.createdAt == charge.initiatedAt)
            #expect(view.refunds == charge.refunds.map { RefundView($0, of: charge) })
            #expect(view.timeline.map(\.version) == envelopes.map(\.version))
            #expect(view.timeline.map(\.type) == envelopes.map(\.type))
            #expect(view.timeline.map(\.occurredAt) == envelopes.map(\.occurredAt))
        }
    }

    @Test("a batch that reaches two invocations at once is applied once")
    func concurrentInvocations() async throws {
        let events = try ChargeStory.events(seed: 3, charges: 10)
        let reference = try ProjectionSetup()
        _ = try await reference.consumer.consume(StreamDelivery.batch(events), logger: reference.logger)

        let setup = try ProjectionSetup(journal: events)
        let batch = try StreamDelivery.batch(events)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                let consumer = StreamConsumer(
                    connection: try PostgresConnection(parameters: setup.connection.parameters),
                    journal: setup.journal, projection: ChargeProjection())
                group.addTask { _ = try await consumer.consume(batch, logger: setup.logger) }
            }
            try await group.waitForAll()
        }
        #expect(try setup.tables() == reference.tables())
    }

    @Test("a connection that the server closed is replaced, and the batch is applied")
    func brokenConnection() async throws {
        let setup = try ProjectionSetup()
        let events = try ChargeStory.refundedCharge("a")
        let other = try PostgresConnection(parameters: setup.connection.parameters)
        let process = try #require(try setup.connection.query("SELECT pg_backend_pid() AS pid").first).integer("pid")
        try other.query("SELECT pg_terminate_backend($1::int, 5000)", [.integer(process)])
        #expect(try await setup.consumer.consume(StreamDelivery.batch(events), logger: setup.logger) == .init())
        #expect(try setup.version(of: events[0].streamID) == Int64(events.count))
    }

    @Test("without a database nothing is reported as handled: the whole batch fails")
    func noDatabase() async throws {
        var parameters = try PostgresFixture.database(.payment)
        parameters.port = 1
        let consumer = StreamConsumer(
            connection: PostgresConnection(connectingOnFirstUse: parameters), journal: try InMemoryJournal(),
            projection: ChargeProjection())
        let batch = try StreamDelivery.batch(ChargeStory.refundedCharge("a"))
        await #expect(throws: PostgresError.self) {
            try await consumer.consume(batch, logger: ProjectionSetup().logger)
        }
    }
}
