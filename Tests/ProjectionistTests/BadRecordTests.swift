import Domain
import Foundation
import FunctionsShared
import LambdaEvents
import PostgresClient
import StreamTestSupport
import TestSupport
import Testing

@testable import Projectionist

@Suite("A bad record holds up nothing but itself")
struct BadRecordTests {
    private func quarantine(_ setup: ProjectionSetup) throws -> [String] {
        try setup.connection.contents(of: "quarantined_records", columns: "stream_id, version, reason")
    }

    @Test("a gap is filled from the journal, up to where the journal is")
    func gap() async throws {
        let events = try ChargeStory.refundedCharge("a")
        let setup = try ProjectionSetup(journal: events)
        #expect(try await setup.consumer.consume(StreamDelivery.batch([events[2]]), logger: setup.logger) == .init())
        #expect(try setup.version(of: events[0].streamID) == Int64(events.count))
        #expect(setup.journal.loads == 1)
    }

    @Test("a journal that does not answer fails that charge's records only, and their redelivery heals it")
    func journalAway() async throws {
        let stuck = try ChargeStory.refundedCharge("stuck")
        let free = try ChargeStory.refundedCharge("free")
        let setup = try ProjectionSetup(journal: stuck + free)
        setup.journal.setAvailable(false, stuck[0].streamID)
        let batch = try StreamDelivery.batch([stuck[2], free[0], stuck[3], free[1]])
        let response = try await setup.consumer.consume(batch, logger: setup.logger)
        #expect(
            response
                == BatchResponse(failedIdentifiers: [batch.records[0].sequenceNumber, batch.records[2].sequenceNumber]))
        #expect(try setup.version(of: stuck[0].streamID) == 0)
        #expect(try setup.version(of: free[0].streamID) == 2)
        #expect(try quarantine(setup).isEmpty)

        setup.journal.setAvailable(true, stuck[0].streamID)
        #expect(try await setup.consumer.consume(batch, logger: setup.logger) == .init())
        #expect(try setup.version(of: stuck[0].streamID) == Int64(stuck.count))
    }

    @Test("D-17: a gap that the journal cannot fill puts the charge into quarantine, and it recovers by itself")
    func unfillableGap() async throws {
        let stuck = try ChargeStory.refundedCharge("stuck")
        let free = try ChargeStory.refundedCharge("free")
        let setup = try ProjectionSetup(journal: [stuck[0]])
        let batch = try StreamDelivery.batch([stuck[0], stuck[2]] + free)
        #expect(try await setup.consumer.consume(batch, logger: setup.logger) == .init())
        #expect(try setup.version(of: free[0].streamID) == Int64(free.count))
        #expect(try quarantine(setup) == ["(ch_stuck,1,gap_not_in_journal)"])

        try setup.journal.record(Array(stuck.dropFirst()))
        #expect(
            try await setup.consumer.consume(StreamDelivery.batch([stuck[stuck.count - 1]]), logger: setup.logger)
                == .init())
        #expect(try setup.version(of: stuck[0].streamID) == Int64(stuck.count))
        #expect(try quarantine(setup).isEmpty)
    }

    @Test("an event that the rules refuse stops its charge right before it, however the batch is cut")
    func refusedEvent() async throws {
        var events = try ChargeStory.refundedCharge("bad")
        let impossible = EventEnvelope(
            eventID: events[3].eventID, streamID: events[3].streamID, version: 4, merchantID: events[3].merchantID,
            occurredAt: events[3].occurredAt, traceID: "t", causationID: "c",
            event: .chargeProcessingStarted(
                ChargeProcessingStarted(attempt: 9, provider: .stripe, providerIdempotencyKey: "k")))
        events[3] = impossible
        let free = try ChargeStory.refundedCharge("free")
        let whole = try ProjectionSetup(journal: events)
        #expect(try await whole.consumer.consume(StreamDelivery.batch(events + free), logger: whole.logger) == .init())
        #expect(try whole.version(of: events[0].streamID) == 3)
        #expect(try whole.version(of: free[0].streamID) == Int64(free.count))
        #expect(try quarantine(whole) == ["(ch_bad,4,event_not_applicable)"])

        let single = try ProjectionSetup(journal: events)
        for event in events + free {
            _ = try await single.consumer.consume(StreamDelivery.batch([event]), logger: single.logger)
        }
        #expect(try single.tables() == whole.tables())
    }

    @Test("a value that the database cannot hold stops its own charge only")
    func unstorableValue() async throws {
        let bad = try ChargeStory.refundedCharge("bad", description: "zero\0byte")
        let free = try ChargeStory.refundedCharge("free")
        let setup = try ProjectionSetup(journal: bad + free)
        #expect(try await setup.consumer.consume(StreamDelivery.batch(bad + free), logger: setup.logger) == .init())
        #expect(try setup.version(of: bad[0].streamID) == 0)
        #expect(try setup.version(of: free[0].streamID) == Int64(free.count))
        #expect(try quarantine(setup) == ["(ch_bad,1,value_not_storable)"])
    }

    @Test("an id that no index holds, or with a zero byte in it, stops its own charge only")
    func unstorableID() async throws {
        var generator = SeededGenerator(seed: 1)
        let long = (0..<1000).map { _ in String(generator.next(), radix: 36) }.joined()
        for id in [long, "evt_\0"] {
            var bad = try ChargeStory.refundedCharge("bad")
            bad[1] = EventEnvelope(
                eventID: EventID(rawValue: id), streamID: bad[1].streamID, version: 2, merchantID: bad[1].merchantID,
                occurredAt: bad[1].occurredAt, traceID: "t", causationID: "c", event: bad[1].event)
            let free = try ChargeStory.refundedCharge("free")
            let setup = try ProjectionSetup(journal: bad + free)
            #expect(try await setup.consumer.consume(StreamDelivery.batch(bad + free), logger: setup.logger) == .init())
            #expect(try setup.version(of: bad[0].streamID) == 1)
            #expect(try setup.version(of: free[0].streamID) == Int64(free.count))
            #expect(try quarantine(setup) == ["(ch_bad,2,value_not_storable)"])
        }
    }

    @Test("an event of an unknown type is kept in the timeline and moves the version")
    func unknownType() async throws {
        let events = try ChargeStory.refundedCharge("a")
        let text = """
            {"causation_id":"c","data":{"x":1},"event_id":"evt_new","merchant_id":"mer_a","occurred_at":\
            "2026-11-20T10:00:00.000Z","schema_version":7,"stream_id":"ch_a","trace_id":"t","type":"DisputeOpened",\
            "version":\(events.count + 1)}
            """
        let setup = try ProjectionSetup()
        let unknown = try EventEnvelope.decoded(from: Data(text.utf8))
        _ = try await setup.consumer.consume(StreamDelivery.batch(events + [unknown]), logger: setup.logger)
        #expect(try setup.version(of: events[0].streamID) == Int64(events.count + 1))
        let stored = try setup.connection.query("SELECT envelope FROM charge_events WHERE event_id = 'evt_new'")
        #expect(try stored.first?.text("envelope") == text)
    }
}
