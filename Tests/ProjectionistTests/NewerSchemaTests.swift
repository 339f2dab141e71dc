import Domain
import Foundation
import FunctionsShared
import LambdaEvents
import PostgresClient
import StreamTestSupport
import TestSupport
import Testing

@testable import Projectionist

@Suite("An event in a schema that only a newer build reads blocks its own charge, and nothing else")
struct NewerSchemaTests {
    private let stuck: [EventEnvelope]
    private let free: [EventEnvelope]

    init() throws {
        stuck = try ChargeStory.refundedCharge("stuck")
        free = try ChargeStory.refundedCharge("free")
    }

    /// Three events of one charge, its fourth as a newer build writes it, and another charge.
    private func batch() throws -> KinesisEvent {
        var batch = try StreamDelivery.batch(Array(stuck.prefix(3)))
        batch.records.append(
            StreamDelivery.record(StreamDelivery.newerSchema(stuck[3]), partitionKey: "ch_stuck", position: 50))
        batch.records += try StreamDelivery.batch(free).records
        return batch
    }

    /// A projection that has met the batch, with a journal that this build cannot read.
    private func makeBlockedSetup() async throws -> ProjectionSetup {
        let setup = try ProjectionSetup(journal: stuck + free)
        setup.journal.setReadable(false, stuck[0].streamID)
        #expect(try await setup.consumer.consume(batch(), logger: setup.logger) == .init())
        return setup
    }

    private func quarantine(_ setup: ProjectionSetup) throws -> [String] {
        try setup.connection.contents(of: "quarantined_records", columns: "stream_id, version, event_id, reason")
    }

    @Test("what comes before it is applied, its place is noted, and no record is reported or parked")
    func blocks() async throws {
        let setup = try await makeBlockedSetup()
        #expect(try setup.version(of: stuck[0].streamID) == 3)
        #expect(try setup.version(of: free[0].streamID) == Int64(free.count))
        #expect(try quarantine(setup) == ["(ch_stuck,4,\(stuck[3].eventID),schema_version_unknown)"])
        #expect(try setup.connection.contents(of: "parked_records").isEmpty)
    }

    @Test("later events of the charge wait behind it, also in its own batch")
    func laterEvents() async throws {
        let setup = try await makeBlockedSetup()
        #expect(try await setup.consumer.consume(StreamDelivery.batch([stuck[4]]), logger: setup.logger) == .init())
        var again = try batch()
        again.records += try StreamDelivery.batch([stuck[4]]).records
        #expect(try await setup.consumer.consume(again, logger: setup.logger) == .init())
        #expect(try setup.version(of: stuck[0].streamID) == 3)
        #expect(try quarantine(setup).count == 1)
    }

    @Test("a newer build goes on from the journal with the charge's next event")
    func nextEvent() async throws {
        let setup = try await makeBlockedSetup()
        setup.journal.setReadable(true, stuck[0].streamID)
        #expect(
            try await setup.consumer.consume(StreamDelivery.batch([stuck[4]]), logger: setup.logger) == .init())
        #expect(try setup.version(of: stuck[0].streamID) == Int64(stuck.count))
        #expect(try quarantine(setup).isEmpty)
    }

    @Test("a newer build goes on when it starts, for a charge that never has another event")
    func start() async throws {
        let setup = try await makeBlockedSetup()
        await setup.consumer.retryQuarantined(logger: setup.logger)
        #expect(try setup.version(of: stuck[0].streamID) == 3)
        #expect(try quarantine(setup).count == 1)

        setup.journal.setReadable(true, stuck[0].streamID)
        await setup.consumer.retryQuarantined(logger: setup.logger)
        #expect(try setup.version(of: stuck[0].streamID) == Int64(stuck.count))
        #expect(try quarantine(setup).isEmpty)
        let orderly = try ProjectionSetup()
        _ = try await orderly.consumer.consume(StreamDelivery.batch(stuck + free), logger: orderly.logger)
        #expect(try setup.tables() == orderly.tables())
    }

    /// A journal that this build cannot read, and in which reading takes long enough for another process to act.
    private struct OvertakenJournal: EventJournal {
        let meanwhile: @Sendable () async -> Void

        func load(_ stream: ChargeID) async throws(EventStoreError) -> [JournalEntry] {
            await meanwhile()
            throw .corrupt(stream: stream.rawValue, detail: "written by a newer build")
        }

        func append(_ entries: [JournalEntry]) async throws(EventStoreError) {}

        func markPublished(_ entries: [JournalEntry]) async throws(EventStoreError) {}
    }

    @Test("what a newer build's process applies meanwhile is not noted as stuck")
    func overtaken() async throws {
        let setup = try ProjectionSetup()
        let all = try StreamDelivery.batch(stuck)
        let older = StreamConsumer(
            connection: try PostgresConnection(parameters: setup.connection.parameters),
            journal: OvertakenJournal { _ = try? await setup.consumer.consume(all, logger: setup.logger) },
            projection: ChargeProjection())
        #expect(try await older.consume(batch(), logger: setup.logger) == .init())
        #expect(try setup.version(of: stuck[0].streamID) == Int64(stuck.count))
        #expect(try quarantine(setup).isEmpty)
    }

    @Test("with the journal away its records come again, and nothing is lost")
    func journalAway() async throws {
        let setup = try ProjectionSetup(journal: stuck + free)
        setup.journal.setAvailable(false, stuck[0].streamID)
        let batch = try batch()
        #expect(
            try await setup.consumer.consume(batch, logger: setup.logger)
                == BatchResponse(failedIdentifiers: batch.records.prefix(4).map(\.sequenceNumber)))
        #expect(try setup.version(of: free[0].streamID) == Int64(free.count))
    }
}
