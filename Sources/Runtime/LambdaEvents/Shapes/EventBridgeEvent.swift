/// An event from an EventBridge rule or schedule.
///
/// `EventBridgeEvent<JSONTree>` takes any event there is.
public struct EventBridgeEvent<Detail: Codable & Sendable & Equatable>: Codable, Sendable, Equatable {
    /// Version of the envelope; absent in some tools' samples.
    public var version: String?
    /// Identifies the event; the same one may be delivered more than once.
    public var id: String
    /// What happened, for example `Scheduled Event`.
    public var detailType: String
    /// Who says so, for example `aws.events`.
    public var source: String
    /// The account.
    public var account: String
    /// When, RFC 3339 with whole seconds, UTC.
    public var time: String
    /// The region.
    public var region: String
    /// What it is about, for example the rule's ARN.
    public var resources: [String]
    /// The event's own content.
    public var detail: Detail
    /// The archive's replay that this delivery belongs to; `nil` when the event is no replay.
    public var replayName: String?

    /// An event made of its parts.
    public init(
        id: String, detailType: String, source: String, account: String, time: String, region: String,
        resources: [String], detail: Detail, version: String? = "0", replayName: String? = nil
    ) {
        self.version = version
        self.id = id
        self.detailType = detailType
        self.source = source
        self.account = account
        self.time = time
        self.region = region
        self.resources = resources
        self.detail = detail
        self.replayName = replayName
    }

    enum CodingKeys: String, CodingKey {
        case version, id, source, account, time, region, resources, detail
        case detailType = "detail-type"
        case replayName = "replay-name"
    }
}
