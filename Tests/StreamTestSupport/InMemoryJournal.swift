import Domain
import FunctionsShared
import Synchronization

/// A journal in memory that can be told to be away or not readable, and counts what was read from it.
public final class InMemoryJournal: EventJournal {
    private struct State {
        var streams: [ChargeID: [JournalEntry]] = [:]
        var unavailable: Set<ChargeID> = []
        var unreadable: Set<ChargeID> = []
        var loads = 0
    }

    private let state = Mutex(State())

    public init(_ envelopes: [EventEnvelope] = []) throws {
        try record(envelopes)
    }

    /// How many streams were read so far.
    public var loads: Int { state.withLock { $0.loads } }

    /// Puts events in as they are, without any check, so that tests can make journals that must not exist.
    public func record(_ envelopes: [EventEnvelope]) throws {
        let entries = try envelopes.map { JournalEntry(envelope: $0, bytes: try $0.encoded(), isPublished: true) }
        state.withLock { state in
            for entry in entries { state.streams[entry.envelope.streamID, default: []].append(entry) }
        }
    }

    /// Makes reading a stream fail, or work again.
    public func setAvailable(_ isAvailable: Bool, _ stream: ChargeID) {
        state.withLock { state in
            if isAvailable { state.unavailable.remove(stream) } else { state.unavailable.insert(stream) }
        }
    }

    /// Makes a stream hold something that this build cannot read, or, as for a newer build, nothing of that kind.
    public func setReadable(_ isReadable: Bool, _ stream: ChargeID) {
        state.withLock { state in
            if isReadable { state.unreadable.remove(stream) } else { state.unreadable.insert(stream) }
        }
    }

    public func load(_ stream: ChargeID) async throws(EventStoreError) -> [JournalEntry] {
        let (entries, isAvailable, isReadable) = state.withLock { state in
            state.loads += 1
            return (
                state.streams[stream] ?? [], !state.unavailable.contains(stream), !state.unreadable.contains(stream)
            )
        }
        guard isAvailable else { throw .unavailable("the journal is away") }
        guard isReadable else { throw .corrupt(stream: stream.rawValue, detail: "written by a newer build") }
        return entries.sorted { $0.envelope.version < $1.envelope.version }
    }

    public func append(_ entries: [JournalEntry]) async throws(EventStoreError) {
        state.withLock { state in
            for entry in entries { state.streams[entry.envelope.streamID, default: []].append(entry) }
        }
    }

    public func markPublished(_ entries: [JournalEntry]) async throws(EventStoreError) {}
}
