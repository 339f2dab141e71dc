import FoundationEssentials

/// One event with its place in its stream, as it is journalled and carried.
///
/// The stream of a charge holds everything about the charge and its refunds; versions count from 1 without gaps.
public struct EventEnvelope: Sendable, Equatable {
    /// The schema version that this build writes, for every event type.
    public static let currentSchemaVersion = 1

    /// Largest encoded envelope in bytes. A DynamoDB item holds 400 KB and a Kinesis record 1 MiB; this leaves room
    /// for the item's own attributes.
    public static let maximumEncodedBytes = 262_144

    /// Unique id of the event.
    public let eventID: EventID
    /// The version of the payload's schema. Old versions stay readable for ever.
    public let schemaVersion: Int
    /// The charge the event belongs to.
    public let streamID: ChargeID
    /// Position in the stream, from 1.
    public let version: Int
    /// The merchant the charge belongs to.
    public let merchantID: MerchantID
    /// When it happened by our clock, in whole milliseconds.
    public let occurredAt: Date
    /// The trace of the request that led here.
    public let traceID: String
    /// What caused it: the id of a request, a job or a provider's notification.
    public let causationID: String
    /// What happened.
    public let event: ChargeEvent

    /// The event's type name (`ChargeInitiated`).
    public var type: String { event.typeName }

    /// - Parameter occurredAt: kept to the millisecond, which is what the wire carries.
    public init(
        eventID: EventID,
        schemaVersion: Int = EventEnvelope.currentSchemaVersion,
        streamID: ChargeID,
        version: Int,
        merchantID: MerchantID,
        occurredAt: Date,
        traceID: String,
        causationID: String,
        event: ChargeEvent
    ) {
        self.eventID = eventID
        self.schemaVersion = schemaVersion
        self.streamID = streamID
        self.version = version
        self.merchantID = merchantID
        self.occurredAt = RFC3339.roundedToMilliseconds(occurredAt)
        self.traceID = traceID
        self.causationID = causationID
        self.event = event
    }
}

extension EventEnvelope {
    /// Puts decided events into envelopes that continue a stream.
    ///
    /// - Parameter version: the last version of the stream that was decided on; 0 for a new stream.
    public static func envelopes(
        for events: [ChargeEvent],
        after version: Int,
        context: EventContext,
        ids: some IDGenerator
    ) -> [EventEnvelope] {
        events.enumerated().map { offset, event in
            EventEnvelope(
                eventID: EventID.make(ids),
                streamID: context.streamID,
                version: version + 1 + offset,
                merchantID: context.merchantID,
                occurredAt: context.occurredAt,
                traceID: context.traceID,
                causationID: context.causationID,
                event: event
            )
        }
    }
}
