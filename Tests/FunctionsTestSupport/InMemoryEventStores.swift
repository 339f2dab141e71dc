import Domain
import FoundationEssentials
import FunctionsShared
import Synchronization

/// The lasting part of a journal and a stream; it survives the processes that write to it.
public final class InMemoryEvents: Sendable {
    struct State {
        var streams: [ChargeID: [JournalEntry]] = [:]
        var published: [JournalEntry] = []
    }

    let state = Mutex(State())

    public init() {}

    /// The events of a charge, in order.
    public func envelopes(_ id: ChargeID) -> [EventEnvelope] {
        state.withLock { $0.streams[id, default: []].map(\.envelope) }
    }

    /// The event types of a charge, in order.
    public func types(_ id: ChargeID) -> [String] { envelopes(id).map(\.type) }

    /// The charge as its events add up.
    public func charge(_ id: ChargeID) throws -> Charge? { try ChargeRules.fold(envelopes(id)) }

    /// Every charge with events.
    public var chargeIDs: [ChargeID] {
        state.withLock { $0.streams.keys.sorted { $0.rawValue < $1.rawValue } }
    }

    /// What the stream carried, in order, duplicates included.
    public var published: [JournalEntry] { state.withLock { $0.published } }

    /// Versions whose marker still stands.
    public func unpublishedVersions(_ id: ChargeID) -> [Int] {
        state.withLock { $0.streams[id, default: []].filter { !$0.isPublished }.map(\.envelope.version) }
    }
}

/// A journal over shared memory, with the same promises as the real one: an append continues the stream or conflicts.
public struct InMemoryJournal: EventJournal, UnpublishedEvents {
    private let events: InMemoryEvents
    private let fate: ProcessFate

    public init(_ events: InMemoryEvents, fate: ProcessFate = ProcessFate()) {
        self.events = events
        self.fate = fate
    }

    public func load(_ stream: ChargeID) async throws(EventStoreError) -> [JournalEntry] {
        await Task.yield()
        return try run("journal.load") { events.state.withLock { $0.streams[stream, default: []] } }
    }

    public func append(_ entries: [JournalEntry]) async throws(EventStoreError) {
        await Task.yield()
        try run("journal.append") { try insert(entries) }
    }

    public func markPublished(_ entries: [JournalEntry]) async throws(EventStoreError) {
        try run("journal.markPublished") {
            let versions = Set(entries.map(\.envelope.version))
            guard let stream = entries.first?.envelope.streamID else { return }
            events.state.withLock { state in
                state.streams[stream] = state.streams[stream]?.map { entry in
                    guard versions.contains(entry.envelope.version) else { return entry }
                    return JournalEntry(envelope: entry.envelope, bytes: entry.bytes, isPublished: true)
                }
            }
        }
    }

    public func unpublished(limit: Int) async throws(EventStoreError) -> [JournalEntry] {
        try run("journal.unpublished") {
            let pending = events.state.withLock { $0.streams.values.joined().filter { !$0.isPublished } }
            return Array(pending.sorted { $0.envelope.eventID.rawValue < $1.envelope.eventID.rawValue }.prefix(limit))
        }
    }

    private func insert(_ entries: [JournalEntry]) throws {
        guard let first = entries.first?.envelope else { return }
        try events.state.withLock { state in
            let next = (state.streams[first.streamID]?.last?.envelope.version ?? 0) + 1
            guard first.version == next else {
                throw EventStoreError.versionConflict(stream: first.streamID.rawValue, version: first.version)
            }
            state.streams[first.streamID, default: []] += entries
        }
    }

    private func run<Value>(_ step: String, _ effect: () throws -> Value) throws(EventStoreError) -> Value {
        do {
            return try fate.step(step, effect)
        } catch let error as EventStoreError {
            throw error
        } catch {
            throw .unavailable("\(error)")
        }
    }
}

/// A stream over shared memory.
public struct InMemoryPublisher: EventStreamPublisher {
    private let events: InMemoryEvents
    private let fate: ProcessFate

    public init(_ events: InMemoryEvents, fate: ProcessFate = ProcessFate()) {
        self.events = events
        self.fate = fate
    }

    public func publish(_ entries: [JournalEntry]) async throws(EventStoreError) {
        await Task.yield()
        do {
            try fate.step("stream.publish") { events.state.withLock { $0.published += entries } }
        } catch {
            throw .notPublished("\(error)")
        }
    }
}
