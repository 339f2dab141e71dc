import Domain

/// What one stream needs to go on from its position.
struct StreamDemand: Sendable, Equatable {
    let streamID: ChargeID
    let position: Int
    /// What was delivered continues the position.
    private(set) var run: StreamRun?
    /// The highest version that was delivered, when only the journal can tell what leads there.
    private(set) var askedVersion: Int?
    /// The first event behind the position that was delivered and cannot be read.
    private var unreadable: UnreadableEvent?

    /// A demand for what was delivered.
    init(streamID: ChargeID, position: Int, delivered: [EventEnvelope], unreadable: [UnreadableEvent]) {
        self.streamID = streamID
        self.position = position
        self.unreadable = unreadable.filter { $0.header.version > position }
            .min { $0.header.version < $1.header.version }
        // What comes after the unreadable event waits for it.
        let readable = delivered.filter { $0.version < self.unreadable?.header.version ?? .max }
        let plan = StreamPlan(streamID: streamID, position: position, delivered: readable)
        if case .run(let next) = plan { run = next }
        if self.unreadable != nil || plan == .askJournal {
            askedVersion = (delivered.map(\.version) + unreadable.map(\.header.version)).max()
        }
    }

    /// A demand for everything the journal has, in a stream that waits at a version.
    init(streamID: ChargeID, position: Int, waitingAt version: Int) {
        self.streamID = streamID
        self.position = position
        askedVersion = version
    }

    /// Where the stream is stuck, given that the journal does not help: right behind what can be applied.
    func blocked(_ journal: BlockedStream) -> BlockedStream {
        let version = (run?.lastVersion ?? position) + 1
        guard let unreadable, unreadable.header.version == version else {
            return BlockedStream(
                streamID: streamID, version: version, eventID: journal.eventID, reason: journal.reason,
                detail: journal.detail)
        }
        var reason = BlockedStream.Reason.eventUnreadable
        if case .unsupportedSchemaVersion = unreadable.problem { reason = .schemaVersionUnknown }
        return BlockedStream(
            streamID: streamID, version: version, eventID: unreadable.header.eventID, reason: reason,
            detail: "\(unreadable.problem)")
    }
}
