import Domain
import FoundationEssentials
import Telemetry

/// The single source of truth: a journal that decides, and a stream that carries what was decided.
///
/// Every command goes the same way: load the charge's events, publish what a crash left unpublished, let the domain
/// decide, append with the version that was loaded, publish, remove the markers. When somebody else appended in
/// between, everything is done again from the start, so a decision is never based on a state that is gone.
public struct EventStore: Sendable {
    /// How often a command is decided anew after a version conflict. Conflicts need two writers of *one* charge within
    /// milliseconds (API, worker, webhook); this many in a row are a fault or a flood, not a coincidence.
    public static let maximumAppendAttempts = 10

    private let journal: any EventJournal
    private let publisher: any EventStreamPublisher
    private let clock: any WallClock
    private let identifiers: any IDGenerator
    private let logger: Logger

    /// A store over a journal and a stream that carries what the journal accepted.
    public init(
        journal: any EventJournal, publisher: any EventStreamPublisher, clock: any WallClock,
        identifiers: any IDGenerator, logger: Logger
    ) {
        self.journal = journal
        self.publisher = publisher
        self.clock = clock
        self.identifiers = identifiers
        self.logger = logger
    }

    /// The charge's events and state, after publishing what an earlier run left unpublished.
    public func load(_ id: ChargeID) async throws(EventStoreError) -> LoadedCharge {
        let entries = try await journal.load(id)
        try await publishPending(entries)
        return try LoadedCharge(id: id, envelopes: entries.map(\.envelope))
    }

    /// Publishes, in order, the entries whose marker still stands.
    public func publishPending(_ entries: [JournalEntry]) async throws(EventStoreError) {
        let pending = entries.filter { !$0.isPublished }
        guard let first = pending.first else { return }
        // Not a warning: most often the writer of these events is alive and about to remove their markers.
        logger.info(
            "publishing events whose markers still stand: their writer is not done yet, or died",
            ["stream_id": .string(first.envelope.streamID.rawValue), "count": .integer(pending.count)])
        try await publish(pending)
    }

    /// Loads, decides and appends until the append meets no conflict.
    ///
    /// - Parameter decide: sees the present state; is called again after every conflict.
    /// - Returns: the charge afterwards and the events this call added; none when there was nothing to do.
    public func execute(
        on id: ChargeID, origin: EventOrigin,
        decide: @Sendable (LoadedCharge) throws(DomainError) -> [ChargeEvent]
    ) async throws(CommandError) -> CommandResult {
        try await execute(on: id, origin: { _ in origin }, decide: decide)
    }

    /// The same for a charge that must exist, by somebody who does not say whose charge it is: the charge does.
    ///
    /// - Throws: `chargeNotFound` when the charge has no events.
    public func execute(
        onExisting id: ChargeID, traceID: String, causationID: String,
        decide: @Sendable (Charge) throws(DomainError) -> [ChargeEvent]
    ) async throws(CommandError) -> CommandResult {
        try await execute(
            on: id,
            origin: { loaded throws(DomainError) in
                EventOrigin(
                    merchantID: try loaded.existing().merchantID, traceID: traceID, causationID: causationID)
            },
            decide: { loaded throws(DomainError) in try decide(try loaded.existing()) })
    }

    private func execute(
        on id: ChargeID, origin: @Sendable (LoadedCharge) throws(DomainError) -> EventOrigin,
        decide: @Sendable (LoadedCharge) throws(DomainError) -> [ChargeEvent]
    ) async throws(CommandError) -> CommandResult {
        for _ in 1...Self.maximumAppendAttempts {
            if let result = try await attempt(on: id, origin: origin, decide: decide) { return result }
        }
        throw .store(.contention(stream: id.rawValue, attempts: Self.maximumAppendAttempts))
    }

    /// One round of load, decide and append; `nil` after a version conflict.
    private func attempt(
        on id: ChargeID, origin: @Sendable (LoadedCharge) throws(DomainError) -> EventOrigin,
        decide: @Sendable (LoadedCharge) throws(DomainError) -> [ChargeEvent]
    ) async throws(CommandError) -> CommandResult? {
        let loaded: LoadedCharge
        do { loaded = try await load(id) } catch { throw .store(error) }
        let events: [ChargeEvent]
        let source: EventOrigin
        do {
            events = try decide(loaded)
            guard !events.isEmpty else { return CommandResult(loaded: loaded, appended: []) }
            source = try origin(loaded)
        } catch {
            throw .refused(error)
        }
        do {
            return try await append(events, to: loaded, origin: source)
        } catch .versionConflict {
            return nil
        } catch {
            throw .store(error)
        }
    }

    private func append(
        _ events: [ChargeEvent], to loaded: LoadedCharge, origin: EventOrigin
    ) async throws(EventStoreError) -> CommandResult {
        let context = EventContext(
            streamID: loaded.id, merchantID: origin.merchantID, occurredAt: clock.now(), traceID: origin.traceID,
            causationID: origin.causationID)
        let envelopes = EventEnvelope.envelopes(
            for: events, after: loaded.version, context: context, ids: identifiers)
        // Before anything is written: an event that cannot be folded would block its charge for ever.
        let after = try LoadedCharge(id: loaded.id, envelopes: loaded.envelopes + envelopes)
        var entries: [JournalEntry] = []
        for envelope in envelopes {
            do {
                entries.append(JournalEntry(envelope: envelope, bytes: try envelope.encoded(), isPublished: false))
            } catch {
                throw .corrupt(stream: loaded.id.rawValue, detail: "an event cannot be encoded: \(error)")
            }
        }
        try await journal.append(entries)
        try await publish(entries)
        return CommandResult(loaded: after, appended: envelopes)
    }

    /// Puts the entries on the stream and removes their markers. A marker that stays is no failure: the next load
    /// publishes the event once more, and consumers skip it by its version.
    private func publish(_ entries: [JournalEntry]) async throws(EventStoreError) {
        try await publisher.publish(entries)
        do {
            try await journal.markPublished(entries)
        } catch {
            logger.warning("an unpublished marker stays", ["detail": .string("\(error)")])
        }
    }
}

/// A charge as it was loaded: its events and the state they add up to.
public struct LoadedCharge: Sendable {
    /// The charge, whether it exists or not.
    public let id: ChargeID
    /// In version order, without gaps.
    public let envelopes: [EventEnvelope]
    /// `nil` for a charge without events.
    public let charge: Charge?

    /// The version of the last event; 0 for a charge without events.
    public var version: Int { envelopes.last?.version ?? 0 }

    fileprivate func existing() throws(DomainError) -> Charge {
        guard let charge else { throw .chargeNotFound }
        return charge
    }

    init(id: ChargeID, envelopes: [EventEnvelope]) throws(EventStoreError) {
        self.id = id
        self.envelopes = envelopes
        do {
            charge = try ChargeRules.fold(envelopes)
        } catch {
            throw .corrupt(stream: id.rawValue, detail: error.message)
        }
    }
}

/// Where a command comes from; every event it leads to carries this.
public struct EventOrigin: Sendable, Equatable {
    /// The merchant whose charge it is; every event of a stream has the same.
    public let merchantID: MerchantID
    /// The trace of the request that led here.
    public let traceID: String
    /// The request, message or notification that caused the command.
    public let causationID: String

    /// An origin made of its parts.
    public init(merchantID: MerchantID, traceID: String, causationID: String) {
        self.merchantID = merchantID
        self.traceID = traceID
        self.causationID = causationID
    }
}

/// What a command led to.
public struct CommandResult: Sendable {
    /// The charge after the command.
    public let loaded: LoadedCharge
    /// The events this command added.
    public let appended: [EventEnvelope]
}

/// Why a command led to nothing.
public enum CommandError: Error, Sendable, Equatable {
    /// The domain says no; trying again changes nothing.
    case refused(DomainError)
    /// The event store could not do it; trying again may help.
    case store(EventStoreError)
}
