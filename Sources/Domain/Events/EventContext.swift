import FoundationEssentials

/// What all events of one decision share.
public struct EventContext: Sendable, Equatable {
    /// The charge the event belongs to.
    public let streamID: ChargeID
    /// The merchant the charge belongs to.
    public let merchantID: MerchantID
    /// When it happened, by our clock.
    public let occurredAt: Date
    /// The trace of the request that led here.
    public let traceID: String
    /// What caused it: the id of a request, a job or a provider's notification.
    public let causationID: String

    /// Memberwise; each part is described on its property.
    public init(
        streamID: ChargeID,
        merchantID: MerchantID,
        occurredAt: Date,
        traceID: String,
        causationID: String
    ) {
        self.streamID = streamID
        self.merchantID = merchantID
        self.occurredAt = occurredAt
        self.traceID = traceID
        self.causationID = causationID
    }
}
