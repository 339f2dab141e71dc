import Domain
import FoundationEssentials
import FunctionsTestSupport
import Testing

@testable import FunctionsShared

@Suite("Event store")
struct EventStoreTests {
    private let id = ChargeID(rawValue: "ch_1")
    private let events = InMemoryEvents()

    @Test("an append is published with the journal's bytes, and its markers go")
    func publishesWhatItAppends() async throws {
        try await Fixture.initiate(id, in: Fixture.eventStore(events))
        #expect(events.types(id) == ["ChargeInitiated", "RiskAssessed"])
        let stored = try await InMemoryJournal(events).load(id)
        #expect(events.published.map(\.bytes) == stored.map(\.bytes))
        #expect(events.unpublishedVersions(id).isEmpty)
    }

    @Test("events carry trace, cause and merchant, and versions count from 1")
    func envelopesSayWhereTheyComeFrom() async throws {
        let loaded = try await Fixture.initiate(id, in: Fixture.eventStore(events))
        #expect(loaded.envelopes.map(\.version) == [1, 2])
        #expect(loaded.envelopes.allSatisfy { $0.traceID == "1-trace" && $0.causationID == "req_1" })
        #expect(loaded.envelopes.allSatisfy { $0.merchantID == Fixture.merchantID })
    }

    @Test("a command that leads to nothing appends nothing")
    func nothingToDo() async throws {
        let store = Fixture.eventStore(events)
        try await Fixture.initiate(id, in: store)
        let again = try await Fixture.initiate(id, in: store)
        #expect(again.version == 2)
        #expect(events.published.count == 2)
    }

    @Test("a refusal of the domain comes through and appends nothing")
    func refusal() async throws {
        let store = Fixture.eventStore(events)
        await #expect(throws: CommandError.refused(.chargeNotFound)) {
            try await Fixture.startProcessing(id, in: store)
        }
        #expect(events.published.isEmpty)
    }

    @Test("a version conflict means: load again and decide again on what is there now")
    func conflictDecidesAnew() async throws {
        try await Fixture.succeed(id, amountMinor: 1000, in: Fixture.eventStore(events))
        let rival = Fixture.eventStore(events, identifiers: CountingIDGenerator())
        let journal = InterruptedJournal(InMemoryJournal(events)) {
            // Somebody else takes most of what can be refunded between our load and our append.
            try? await Fixture.refund("re_rival", 900, of: ChargeID(rawValue: "ch_1"), in: rival)
        }
        let store = EventStore(
            journal: journal, publisher: InMemoryPublisher(events), clock: ManualClock(),
            identifiers: CountingIDGenerator(), logger: LogCollector().logger)
        await #expect(
            throws: CommandError.refused(
                .refundExceedsRemaining(requested: try Fixture.euros(200), remaining: try Fixture.euros(100)))
        ) {
            try await Fixture.refund("re_mine", 200, of: id, in: store)
        }
        #expect(events.types(id).filter { $0 == "RefundInitiated" }.count == 1)
    }

    @Test("D-28: attempts after conflicts are bounded")
    func boundedAttempts() async throws {
        try await Fixture.initiate(id, in: Fixture.eventStore(events))
        let journal = AlwaysConflictingJournal(InMemoryJournal(events))
        let store = EventStore(
            journal: journal, publisher: InMemoryPublisher(events), clock: ManualClock(),
            identifiers: CountingIDGenerator(), logger: LogCollector().logger)
        let limit = EventStore.maximumAppendAttempts
        await #expect(throws: CommandError.store(.contention(stream: "ch_1", attempts: limit))) {
            try await Fixture.startProcessing(id, in: store)
        }
        #expect(await journal.appendCount == limit)
    }

    @Test("D-18: what a crash left unpublished is published by whoever loads the stream next, in order")
    func publishesWhatACrashLeft() async throws {
        let dying = Fixture.eventStore(events, fate: ProcessFate(crashAtStep: 2, moment: .beforeEffect))
        await #expect(throws: CommandError.self) { try await Fixture.initiate(id, in: dying) }
        #expect(events.types(id) == ["ChargeInitiated", "RiskAssessed"], "the journal had it before the crash")
        #expect(events.published.isEmpty)

        _ = try await Fixture.eventStore(events).load(id)
        #expect(events.published.map(\.envelope.version) == [1, 2])
        #expect(events.unpublishedVersions(id).isEmpty)
    }

    @Test("events whose markers still stand are no warning: their writer may be alive")
    func publishingAgainIsNoWarning() async throws {
        let dying = Fixture.eventStore(events, fate: ProcessFate(crashAtStep: 3, moment: .beforeEffect))
        try await Fixture.initiate(id, in: dying)
        let log = LogCollector()
        _ = try await Fixture.eventStore(events, logger: log.logger).load(id)
        let line = try #require(log.lines.first { $0.contains("markers still stand") })
        #expect(line.contains("\"INFO\""))
        #expect(log.lines.allSatisfy { !$0.contains("\"WARN") })
    }

    @Test("a command on an existing charge takes the merchant from the charge, with one load")
    func onExisting() async throws {
        let fate = ProcessFate()
        let store = Fixture.eventStore(events, fate: fate)
        await #expect(throws: CommandError.refused(.chargeNotFound)) { try await start(store) }
        try await Fixture.initiate(id, in: Fixture.eventStore(events, identifiers: SeededIDs("other")))
        let loads = fate.steps.filter { $0 == "journal.load" }.count
        let result = try await start(store)
        #expect(result.appended.map(\.merchantID) == [Fixture.merchantID])
        #expect(result.appended.map(\.traceID) == ["t"])
        #expect(result.appended.map(\.causationID) == ["c"])
        #expect(fate.steps.filter { $0 == "journal.load" }.count == loads + 1)
    }

    private func start(_ store: EventStore) async throws -> CommandResult {
        try await store.execute(onExisting: id, traceID: "t", causationID: "c") { charge throws(DomainError) in
            try ChargeRules.decide(charge, .startProcessing(.stripe))
        }
    }

    @Test("D-18: a crash at any step leaves a journal that the next load completes on the stream")
    func crashAtEveryStep() async throws {
        for moment in ProcessFate.Moment.allCases {
            var step = 0
            while true {
                let events = InMemoryEvents()
                let fate = ProcessFate(crashAtStep: step, moment: moment)
                _ = try? await Fixture.initiate(id, in: Fixture.eventStore(events, fate: fate))
                guard fate.hasCrashed else { break }
                try await Fixture.initiate(id, in: Fixture.eventStore(events, identifiers: SeededIDs("second")))
                #expect(events.types(id) == ["ChargeInitiated", "RiskAssessed"], "step \(step) \(moment)")
                #expect(Set(events.published.map(\.envelope.version)) == [1, 2], "step \(step) \(moment)")
                step += 1
            }
            #expect(step == 4, "load, append, publish, mark")
        }
    }

    @Test("a marker that cannot be removed is no failure: the event is published once more later")
    func markerStays() async throws {
        let store = Fixture.eventStore(events, fate: ProcessFate(crashAtStep: 3, moment: .beforeEffect))
        try await Fixture.initiate(id, in: store)
        #expect(events.unpublishedVersions(id) == [1, 2])
        _ = try await Fixture.eventStore(events).load(id)
        #expect(events.published.map(\.envelope.version) == [1, 2, 1, 2])
    }

    @Test("events that would not follow from the stream are refused before anything is written")
    func refusesWhatCannotBeFolded() async throws {
        let store = Fixture.eventStore(events)
        try await Fixture.initiate(id, in: store)
        let stranger = EventOrigin(merchantID: Fixture.otherMerchantID, traceID: "t", causationID: "c")
        await #expect(throws: CommandError.self) {
            try await store.execute(on: id, origin: stranger) { loaded throws(DomainError) in
                try ChargeRules.decide(loaded.charge, .startProcessing(.stripe))
            }
        }
        #expect(events.types(id) == ["ChargeInitiated", "RiskAssessed"])
        #expect(try events.charge(id)?.status == .created)
    }

    @Test("a stream that the domain cannot fold is reported as corrupt")
    func corruptStream() async throws {
        let loaded = try await Fixture.initiate(id, in: Fixture.eventStore(events))
        #expect(throws: EventStoreError.self) {
            try LoadedCharge(id: id, envelopes: Array(loaded.envelopes.reversed()))
        }
    }
}

extension Fixture {
    /// Asks for a refund.
    fileprivate static func refund(
        _ refundID: String, _ amountMinor: Int64, of id: ChargeID, in store: EventStore
    ) async throws {
        let request = InitiateRefund(refundID: RefundID(rawValue: refundID), amount: try euros(amountMinor))
        try await decide(.initiateRefund(request), on: id, in: store)
    }
}

/// Ids of another process.
private struct SeededIDs: IDGenerator {
    private let base = CountingIDGenerator()
    private let name: String

    init(_ name: String) { self.name = name }

    func make(prefix: String) -> String { base.make(prefix: prefix) + "_" + name }
}

/// Lets something happen once between a load and the append that follows.
private actor InterruptedJournal: EventJournal {
    private let base: InMemoryJournal
    private var interruption: (@Sendable () async -> Void)?

    init(_ base: InMemoryJournal, _ interruption: @escaping @Sendable () async -> Void) {
        self.base = base
        self.interruption = interruption
    }

    func load(_ stream: ChargeID) async throws(EventStoreError) -> [JournalEntry] {
        let entries = try await base.load(stream)
        let interrupt = interruption
        interruption = nil
        await interrupt?()
        return entries
    }

    func append(_ entries: [JournalEntry]) async throws(EventStoreError) { try await base.append(entries) }

    func markPublished(_ entries: [JournalEntry]) async throws(EventStoreError) {
        try await base.markPublished(entries)
    }
}

/// Somebody else is always faster.
private actor AlwaysConflictingJournal: EventJournal {
    private let base: InMemoryJournal
    private(set) var appendCount = 0

    init(_ base: InMemoryJournal) { self.base = base }

    func load(_ stream: ChargeID) async throws(EventStoreError) -> [JournalEntry] { try await base.load(stream) }

    func append(_ entries: [JournalEntry]) async throws(EventStoreError) {
        appendCount += 1
        throw .versionConflict(stream: "ch_1", version: 3)
    }

    func markPublished(_ entries: [JournalEntry]) async throws(EventStoreError) {}
}
