import Domain

/// The next events of one stream, without a gap: the first continues the position the read model stands at.
public struct StreamRun: Sendable, Equatable {
    /// The charge.
    public let streamID: ChargeID
    /// The last version the read model has applied; 0 for a stream it has not seen.
    public let position: Int
    /// Versions `position + 1`, `position + 2`, …; never empty.
    public let envelopes: [EventEnvelope]

    /// The version the read model stands at once the run is applied.
    public var lastVersion: Int { position + envelopes.count }

    /// The part of the run behind a later position; `nil` when nothing is left.
    func trimmed(to position: Int) -> StreamRun? {
        precondition(position >= self.position, "a run of \(streamID) cannot be extended backwards")
        let rest = envelopes.drop { $0.version <= position }
        return rest.isEmpty ? nil : StreamRun(streamID: streamID, position: position, envelopes: Array(rest))
    }
}

/// The event at which a stream cannot go on in a read model, whatever is tried again.
public struct BlockedStream: Error, Sendable, Equatable {
    /// Why, as a stable code.
    public enum Reason: String, Sendable {
        /// Versions are missing and the journal does not have them either.
        case gapNotInJournal = "gap_not_in_journal"
        /// The journal holds something this build cannot read.
        case journalUnreadable = "journal_unreadable"
        /// The event is written in a schema version that only a newer build can read.
        case schemaVersionUnknown = "schema_version_unknown"
        /// The event names its place, and the rest of it is not readable.
        case eventUnreadable = "event_unreadable"
        /// The rules of the domain refuse the event in this place.
        case eventNotApplicable = "event_not_applicable"
        /// This build does not know the event's type and may not pass over it.
        case eventTypeUnknown = "event_type_unknown"
        /// The database refuses the event's values.
        case valueNotStorable = "value_not_storable"
    }

    /// The charge.
    public let streamID: ChargeID
    /// The version at which it is stuck; everything before it is applied.
    public let version: Int
    /// The event with that version, where it is known.
    public let eventID: EventID?
    /// Why, as a code.
    public let reason: Reason
    /// Why, for people; holds no payload.
    public let detail: String

    /// A stream stuck at a version.
    public init(streamID: ChargeID, version: Int, eventID: EventID?, reason: Reason, detail: String) {
        self.streamID = streamID
        self.version = version
        self.eventID = eventID
        self.reason = reason
        self.detail = detail
    }

    /// A stream stuck at an event.
    public init(at envelope: EventEnvelope, reason: Reason, detail: String) {
        self.init(
            streamID: envelope.streamID, version: envelope.version, eventID: envelope.eventID, reason: reason,
            detail: detail)
    }
}

/// What a position and some delivered events of one stream amount to.
enum StreamPlan: Equatable {
    /// Everything delivered is already applied.
    case nothingNew
    /// The delivered events continue the position.
    case run(StreamRun)
    /// Something is missing in between, or two events claim one version: only the journal can tell.
    case askJournal

    /// Trusts nothing but versions: up to the position is a duplicate, the next one applies, anything else is a gap.
    ///
    /// - Parameter delivered: events of this stream in any order, with any duplicates.
    init(streamID: ChargeID, position: Int, delivered: [EventEnvelope]) {
        var next: [EventEnvelope] = []
        for envelope in delivered.filter({ $0.version > position }).sorted(by: { $0.version < $1.version }) {
            if let last = next.last, last.version == envelope.version {
                guard last.eventID == envelope.eventID else {
                    self = .askJournal
                    return
                }
            } else {
                next.append(envelope)
            }
        }
        guard let first = next.first, let last = next.last else {
            self = .nothingNew
            return
        }
        let isContiguous = first.version == position + 1 && last.version == position + next.count
        self = isContiguous ? .run(StreamRun(streamID: streamID, position: position, envelopes: next)) : .askJournal
    }
}
