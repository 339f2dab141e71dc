import Domain
import FoundationEssentials
import Synchronization
import Telemetry

/// Finds events whose publication a crash prevented.
public protocol UnpublishedEvents: Sendable {
    /// Entries whose marker still stands, oldest first, at most `limit` of them. The answer may lag behind writes.
    func unpublished(limit: Int) async throws(EventStoreError) -> [JournalEntry]
}

/// Publishes what a crash left behind on charges that nobody asks for again.
///
/// Whoever loads a charge publishes its pending events; a charge that is never loaded again would keep them for ever.
/// The relay looks for such events now and then, beside other work: it needs no schedule of its own, and what it does
/// twice, or together with another process, is skipped by the consumers by its version.
public final class EventRelay: Sendable {
    /// Time between two looks of one process.
    public static let intervalSeconds: Double = 10
    /// Younger events are still on their way: their own process publishes them.
    public static let minimumAgeSeconds: Double = 10
    /// Most events of one look; more are found by the next.
    public static let maximumEvents = 100

    private let unpublished: any UnpublishedEvents
    private let store: EventStore
    private let clock: any WallClock
    private let lastLook = Mutex<Date?>(nil)

    /// A relay from a journal's markers to its store's stream.
    public init(unpublished: any UnpublishedEvents, store: EventStore, clock: any WallClock) {
        self.unpublished = unpublished
        self.store = store
        self.clock = clock
    }

    /// Looks, if the last look was long enough ago. A failure is logged: whoever carries the relay goes on.
    public func lookIfDue(logger: Logger) async {
        let now = clock.now()
        let isDue = lastLook.withLock { last in
            if let last, now.timeIntervalSince(last) < Self.intervalSeconds { return false }
            last = now
            return true
        }
        guard isDue else { return }
        do {
            let entries = try await unpublished.unpublished(limit: Self.maximumEvents)
            let old = entries.filter { now.timeIntervalSince($0.envelope.occurredAt) >= Self.minimumAgeSeconds }
            for (_, pending) in Dictionary(grouping: old, by: \.envelope.streamID) {
                try await store.publishPending(pending.sorted { $0.envelope.version < $1.envelope.version })
            }
        } catch {
            logger.warning("the relay could not publish what was left behind", ["detail": .string("\(error)")])
        }
    }
}
