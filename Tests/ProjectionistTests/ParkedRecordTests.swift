import Domain
import Foundation
import FunctionsShared
import LambdaEvents
import PostgresClient
import StreamTestSupport
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Projectionist

@Suite("D-17: a record that is not ours is reported once, parked, and then lets its shard go on")
struct ParkedRecordTests {
    private static let strangers = [
        Data("not json".utf8), Data(), Data(#"{"type":"Other","card":"topsecret"}"#.utf8), Data([0xFF, 0xFE]),
    ]

    private let first: [EventEnvelope]
    private let last: [EventEnvelope]
    /// Two charges with four strangers in between.
    private let batch: KinesisEvent
    private let expected: BatchResponse

    init() throws {
        first = try ChargeStory.refundedCharge("first")
        last = try ChargeStory.refundedCharge("last")
        var batch = try StreamDelivery.batch(first + last)
        for (offset, data) in Self.strangers.enumerated() {
            batch.records.insert(
                StreamDelivery.record(data, partitionKey: "x", position: 1000 + offset), at: offset * 2)
        }
        expected = BatchResponse(failedIdentifiers: (0..<4).map { batch.records[$0 * 2].sequenceNumber })
        self.batch = batch
    }

    private func parked(_ setup: ProjectionSetup) throws -> [String] {
        try setup.connection.contents(of: "parked_records", columns: "sequence_number, partition_key")
    }

    @Test("the first delivery reports exactly it and applies its neighbours")
    func neighbours() async throws {
        let setup = try ProjectionSetup()
        #expect(try await setup.consumer.consume(batch, logger: setup.logger) == expected)
        #expect(try setup.version(of: first[0].streamID) == Int64(first.count))
        #expect(try setup.version(of: last[0].streamID) == Int64(last.count))
        #expect(setup.journal.loads == 0)
    }

    @Test("when it is delivered again nothing is reported, what comes after it is applied, and it is noted once")
    func secondDelivery() async throws {
        let setup = try ProjectionSetup()
        #expect(try await setup.consumer.consume(batch, logger: setup.logger) == expected)
        let tables = try setup.tables()
        let noted = try setup.connection.contents(of: "parked_records")
        #expect(noted.count == 4)
        #expect(!noted.joined().contains("topsecret"), "the payload is nobody's to keep")

        // Lambda delivers from the lowest reported record on, and more records have come meanwhile.
        #expect(try await setup.consumer.consume(batch, logger: setup.logger) == .init())
        #expect(try setup.tables() == tables)
        #expect(try setup.connection.contents(of: "parked_records") == noted)
        let later = try ChargeStory.refundedCharge("later")
        let grown = KinesisEvent(records: batch.records + (try StreamDelivery.batch(later)).records)
        #expect(try await setup.consumer.consume(grown, logger: setup.logger) == .init())
        #expect(try setup.version(of: later[0].streamID) == Int64(later.count))
    }

    @Test("a record that comes for the first time is reported beside one that is known")
    func oneOfTwoKnown() async throws {
        let setup = try ProjectionSetup()
        let known = StreamDelivery.record(Data("a".utf8), partitionKey: "x", position: 1)
        let new = StreamDelivery.record(Data("b".utf8), partitionKey: "x", position: 2)
        _ = try await setup.consumer.consume(KinesisEvent(records: [known]), logger: setup.logger)
        #expect(
            try await setup.consumer.consume(KinesisEvent(records: [known, new]), logger: setup.logger)
                == BatchResponse(failedIdentifiers: [new.sequenceNumber]))
    }

    @Test("the same sequence number in another stream is another record")
    func otherStream() async throws {
        let setup = try ProjectionSetup()
        for stream in ["events", "events-other"] {
            let record = StreamDelivery.record(Data("a".utf8), partitionKey: "x", position: 1, stream: stream)
            let expected = BatchResponse(failedIdentifiers: [record.sequenceNumber])
            #expect(try await setup.consumer.consume(KinesisEvent(records: [record]), logger: setup.logger) == expected)
        }
        #expect(try parked(setup).count == 2)
    }

    @Test("a record that cannot be parked is reported again, until it can")
    func cannotPark() async throws {
        let setup = try ProjectionSetup()
        try setup.connection.execute("ALTER TABLE parked_records RENAME TO away")
        for _ in 0..<2 { #expect(try await setup.consumer.consume(batch, logger: setup.logger) == expected) }
        #expect(try setup.version(of: last[0].streamID) == Int64(last.count))
        try setup.connection.execute("ALTER TABLE away RENAME TO parked_records")
        #expect(try await setup.consumer.consume(batch, logger: setup.logger) == expected)
        #expect(try await setup.consumer.consume(batch, logger: setup.logger) == .init())
    }

    @Test("both deliveries log an error with the sequence number and nothing of the payload")
    func logged() async throws {
        let setup = try ProjectionSetup()
        let lines = Mutex<[String]>([])
        let logger = Logger(minimumLevel: .error, sink: { line in lines.withLock { $0.append("\(line)") } })
        let record = StreamDelivery.record(Self.strangers[2], partitionKey: "x", position: 1)
        for _ in 0..<2 { _ = try await setup.consumer.consume(KinesisEvent(records: [record]), logger: logger) }
        let logged = lines.withLock { $0 }
        #expect(logged.count == 2)
        #expect(logged.allSatisfy { $0.contains(record.sequenceNumber) && !$0.contains("topsecret") })
    }

    @Test("whatever a stranger calls itself, it is parked and holds up nobody")
    func strangeNames() async throws {
        let event = try String(decoding: last[0].encoded(), as: UTF8.self)
        let names = ["", #"zero\u0000byte"#, String(repeating: "é", count: 257)]
        var records = names.enumerated().map { offset, name in
            StreamDelivery.record(
                Data(event.replacingOccurrences(of: "ch_last", with: name).utf8), partitionKey: "zero\0byte",
                position: 100 + offset)
        }
        let expected = BatchResponse(failedIdentifiers: records.map(\.sequenceNumber))
        records += try StreamDelivery.batch(first).records
        let setup = try ProjectionSetup()
        let batch = KinesisEvent(records: records)
        #expect(try await setup.consumer.consume(batch, logger: setup.logger) == expected)
        #expect(try await setup.consumer.consume(batch, logger: setup.logger) == .init())
        #expect(try setup.version(of: first[0].streamID) == Int64(first.count))
        #expect(try parked(setup).count == 3)
    }

    @Test(
        "what claims a place in a charge's stream but cannot be read is parked, and the journal decides on the charge")
    func brokenEvent() async throws {
        let broken =
            #"{"event_id":"evt_x","type":"RiskAssessed","schema_version":1,"stream_id":"ch_first","version":3}"#
        let record = StreamDelivery.record(Data(broken.utf8), partitionKey: "ch_first", position: 50)
        let batch = KinesisEvent(records: try StreamDelivery.batch(Array(first.prefix(2))).records + [record])
        let expected = BatchResponse(failedIdentifiers: [record.sequenceNumber])

        let healthy = try ProjectionSetup(journal: first)
        #expect(try await healthy.consumer.consume(batch, logger: healthy.logger) == expected)
        #expect(try healthy.version(of: first[0].streamID) == Int64(first.count))

        let alone = try ProjectionSetup(journal: Array(first.prefix(2)))
        #expect(try await alone.consumer.consume(batch, logger: alone.logger) == expected)
        #expect(try await alone.consumer.consume(batch, logger: alone.logger) == .init())
        #expect(try alone.version(of: first[0].streamID) == 2)
        #expect(
            try alone.connection.contents(of: "quarantined_records", columns: "stream_id, version, event_id, reason")
                == ["(ch_first,3,evt_x,event_unreadable)"])
    }
}
