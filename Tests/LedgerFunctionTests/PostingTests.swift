import Domain
import Foundation
import FunctionsShared
import LambdaEvents
import PostgresClient
import StreamTestSupport
import TestSupport
import Testing

@testable import LedgerFunction

@Suite("Events become balanced transactions, once")
struct PostingTests {
    @Test("D-11 D-12: lost, doubled, shuffled, bisected and replayed batches", arguments: 1...20 as ClosedRange<UInt64>)
    func badDay(seed: UInt64) async throws {
        let events = try ChargeStory.events(seed: seed, charges: 12)
        let goodDay = try LedgerSetup()
        #expect(try await goodDay.consumer.consume(StreamDelivery.batch(events), logger: goodDay.logger) == .init())

        let badDay = try LedgerSetup(journal: events)
        var generator = SeededGenerator(seed: seed)
        for batch in try StreamDelivery.badDay(events, using: &generator) {
            #expect(try await badDay.consumer.consume(batch, logger: badDay.logger) == .init())
            #expect(try LedgerReadStore(connection: badDay.owner).trialBalance().isBalanced)
        }
        #expect(try badDay.tables() == goodDay.tables())
    }

    @Test("D-13: the trial balance is the sum of the posting rules, account by account, and zero in total")
    func trialBalance() async throws {
        let events = try ChargeStory.events(seed: 4, charges: 40)
        let setup = try LedgerSetup()
        _ = try await setup.consumer.consume(StreamDelivery.batch(events), logger: setup.logger)

        var expected: [String: Int64] = [:]
        for event in events {
            for entry in try PostingRules.transaction(for: event)?.entries ?? [] {
                expected["\(entry.account.name) \(entry.currency)", default: 0] += entry.amountMinor
            }
        }
        let balance = try LedgerReadStore(connection: setup.owner).trialBalance()
        let found = balance.accounts.map { ("\($0.account ?? "") \($0.currency)", $0.balanceMinor) }
        #expect(Dictionary(uniqueKeysWithValues: found) == expected)
        #expect(expected.count > 6)
        #expect(Set(balance.totals.map(\.currency)) == ["EUR", "USD", "JPY", "KWD"])
        #expect(balance.isBalanced)
        #expect(balance.accounts.allSatisfy { $0.debitMinor - $0.creditMinor == $0.balanceMinor })
        #expect(balance.totals.allSatisfy { $0.debitMinor == $0.creditMinor && $0.debitMinor > 0 })
    }

    @Test("a charge and its refund in the books")
    func bookedAccounts() async throws {
        let setup = try LedgerSetup()
        let events = try ChargeStory.refundedCharge("a")
        _ = try await setup.consumer.consume(StreamDelivery.batch(events), logger: setup.logger)
        let balance = try LedgerReadStore(connection: setup.writer).trialBalance()
        #expect(
            balance.accounts.map { "\($0.account ?? "") \($0.balanceMinor)" } == [
                "merchant_payable:mer_a -1499", "psp_receivable:stripe 1499", "refunds_in_flight 0",
            ])
        let kinds = try setup.owner.query("SELECT kind FROM transactions ORDER BY stream_version")
        #expect(try kinds.rows.map { try $0.text("kind") } == ["charge", "refund_reserved", "refund"])
    }

    @Test("positions that were lost do not book anything twice: the event id is unique")
    func lostPositions() async throws {
        let events = try ChargeStory.events(seed: 5, charges: 10)
        let setup = try LedgerSetup()
        _ = try await setup.consumer.consume(StreamDelivery.batch(events), logger: setup.logger)
        let before = try setup.tables()
        try setup.owner.execute("TRUNCATE stream_positions")
        _ = try await setup.consumer.consume(StreamDelivery.batch(events), logger: setup.logger)
        #expect(try setup.tables() == before)
    }

    @Test("an event of an unknown type may move money: it blocks its own charge until this build knows it")
    func unknownType() async throws {
        let stuck = try ChargeStory.refundedCharge("stuck")
        let free = try ChargeStory.refundedCharge("free")
        let text = """
            {"causation_id":"c","data":{"x":1},"event_id":"evt_new","merchant_id":"mer_stuck","occurred_at":\
            "2026-11-20T10:00:00.000Z","schema_version":1,"stream_id":"ch_stuck","trace_id":"t",\
            "type":"DisputeOpened","version":5}
            """
        let unknown = try EventEnvelope.decoded(from: Data(text.utf8))
        let setup = try LedgerSetup()
        let response = try await setup.consumer.consume(
            StreamDelivery.batch(Array(stuck.prefix(4)) + [unknown] + free), logger: setup.logger)
        #expect(response == .init())
        #expect(
            try setup.owner.contents(of: "stream_positions") == ["(ch_free,6)", "(ch_stuck,4)"])
        #expect(
            try setup.owner.contents(of: "quarantined_records", columns: "stream_id, version, event_id, reason")
                == ["(ch_stuck,5,evt_new,event_type_unknown)"])
        #expect(try setup.owner.query("SELECT 1 FROM transactions WHERE stream_id = 'ch_stuck'").count == 1)
    }

    @Test("a record that is not ours is reported once by its sequence number, and its neighbours are booked")
    func undecodable() async throws {
        let events = try ChargeStory.refundedCharge("a")
        var batch = try StreamDelivery.batch(events)
        batch.records.insert(StreamDelivery.record(Data("{}".utf8), partitionKey: "x", position: 77), at: 3)
        let setup = try LedgerSetup()
        let response = try await setup.consumer.consume(batch, logger: setup.logger)
        #expect(response == BatchResponse(failedIdentifiers: [batch.records[3].sequenceNumber]))
        #expect(try setup.owner.query("SELECT 1 FROM transactions").count == 3)

        #expect(try await setup.consumer.consume(batch, logger: setup.logger) == .init())
        #expect(
            try setup.owner.contents(of: "parked_records", columns: "sequence_number, partition_key")
                == ["(\(batch.records[3].sequenceNumber),x)"])
    }

    @Test("an event in a newer schema may move money: nothing is booked past it until a newer build starts")
    func newerSchema() async throws {
        let events = try ChargeStory.refundedCharge("a")
        let setup = try LedgerSetup(journal: events)
        setup.journal.setReadable(false, events[0].streamID)
        var batch = try StreamDelivery.batch(events)
        batch.records[3] = StreamDelivery.record(
            StreamDelivery.newerSchema(events[3]), partitionKey: "ch_a", position: 50)
        #expect(try await setup.consumer.consume(batch, logger: setup.logger) == .init())
        #expect(try setup.owner.contents(of: "stream_positions") == ["(ch_a,3)"])
        #expect(try setup.owner.query("SELECT 1 FROM transactions").count == 0)

        setup.journal.setReadable(true, events[0].streamID)
        await setup.consumer.retryQuarantined(logger: setup.logger)
        #expect(try setup.owner.query("SELECT 1 FROM transactions").count == 3)
        #expect(try setup.owner.contents(of: "quarantined_records").isEmpty)
    }

    @Test("what the PSP has to account for: charges and refunds with the PSP's sign, until a file of another day did")
    func settlementItems() async throws {
        let setup = try LedgerSetup()
        let events = try ChargeStory.refundedCharge("a")
        _ = try await setup.consumer.consume(StreamDelivery.batch(events), logger: setup.logger)
        let store = LedgerReadStore(connection: setup.owner)
        let span = events[0].occurredAt..<events[5].occurredAt.addingTimeInterval(1)
        func items(_ day: String) async throws -> [LedgerSettlementItem] {
            try await store.openSettlementItems(provider: .stripe, occurredIn: span, notSettledBefore: day)
        }
        let all = try await items("2026-11-20")
        #expect(all.map(\.amount.amountMinor) == [1999, -500])
        #expect(all.map(\.subject) == [.charge, .refund(RefundID(rawValue: "re_a"))])
        #expect(all.map(\.providerReference) == ["pi_ch_a", "re_psp_a"])
        #expect(all.map(\.occurredAt) == [events[3].occurredAt, events[5].occurredAt])
        #expect(
            try await store.openSettlementItems(
                provider: .paypal, occurredIn: span, notSettledBefore: "2026-11-20"
            ).isEmpty)
        #expect(
            try await store.openSettlementItems(
                provider: .stripe, occurredIn: span.lowerBound..<events[3].occurredAt, notSettledBefore: "2026-11-20"
            ).isEmpty, "the upper bound is not included")
        try setup.owner.query(
            "INSERT INTO settled_items VALUES ($1, '2026-11-20', 'txn_1')", [.text(events[3].eventID.rawValue)])
        #expect(try await items("2026-11-20").count == 2)
        #expect(try await items("2026-11-21").map(\.amount.amountMinor) == [-500])
    }
}
