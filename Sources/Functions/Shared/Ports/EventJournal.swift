import Domain
import FoundationEssentials

/// One event as the journal holds it.
public struct JournalEntry: Sendable, Equatable {
    /// The event.
    public let envelope: EventEnvelope
    /// The encoded envelope; the stream carries exactly these bytes, so that both can be compared.
    public let bytes: Data
    /// Whether the stream is known to carry the event; `false` until the marker was removed.
    public let isPublished: Bool

    /// An entry made of its parts.
    public init(envelope: EventEnvelope, bytes: Data, isPublished: Bool) {
        self.envelope = envelope
        self.bytes = bytes
        self.isPublished = isPublished
    }
}

/// The lasting, ordered record of what happened to each charge: the only place where a write can be refused.
public protocol EventJournal: Sendable {
    /// Every event of a stream in version order, including all writes that were acknowledged before the call.
    func load(_ stream: ChargeID) async throws(EventStoreError) -> [JournalEntry]

    /// Writes all the entries, which continue one stream, or none of them.
    ///
    /// - Throws: `versionConflict` when one of the versions exists already with another event; the entries' own events
    ///   found at their versions are a success, because that is what an answer lost on the way looks like.
    func append(_ entries: [JournalEntry]) async throws(EventStoreError)

    /// Notes that the stream carries the entries. Repeating it is harmless.
    func markPublished(_ entries: [JournalEntry]) async throws(EventStoreError)
}

/// Carries events to the projections, in order per charge.
public protocol EventStreamPublisher: Sendable {
    /// Returns when the stream holds all the entries. Publishing again is harmless: consumers skip known versions.
    func publish(_ entries: [JournalEntry]) async throws(EventStoreError)
}

/// Why the event store did not do what was asked.
public enum EventStoreError: Error, Sendable, Equatable {
    /// Someone else wrote this version first: load again and decide again.
    case versionConflict(stream: String, version: Int)
    /// Every bounded attempt met a conflict; the caller's caller may try again later.
    case contention(stream: String, attempts: Int)
    /// The journal did not answer, or refused for a reason of its own.
    case unavailable(String)
    /// The events are in the journal but the stream did not take them; whoever loads the stream next publishes them.
    case notPublished(String)
    /// What is stored cannot be read as a stream of events.
    case corrupt(stream: String, detail: String)
}
