/// Limits of SQS, from the developer guide's pages "Amazon SQS message quotas" and "Amazon SQS queue quotas".
enum SQSLimits {
    /// A message's body and attributes together, and likewise all messages of one batch call.
    static let messageBytes = 1_048_576
    /// Entries of one batch call.
    static let batchEntries = 10
    /// Messages one receive call may return.
    static let receiveMessages = 10
    /// Seconds a receive call may wait.
    static let waitSeconds = 0...20
    /// Seconds a received message may stay hidden: 12 hours.
    static let visibilityTimeoutSeconds = 0...43_200
    /// Seconds a sent message may be held back: 15 minutes.
    static let delaySeconds = 0...900
    /// Seconds a message is kept: 1 minute to 14 days.
    static let retentionSeconds = 60...1_209_600
    /// What a queue may set as its own message limit.
    static let maximumMessageSize = 1_024...messageBytes
    /// How long a FIFO queue remembers a deduplication id: 5 minutes.
    static let deduplicationMilliseconds: Int64 = 300_000
    /// Messages received and not yet deleted, per queue.
    static let inFlightMessages = 120_000
    /// Attributes of one message.
    static let messageAttributes = 10
    /// Characters of a message group id or deduplication id.
    static let identifierCharacters = 1...128
    /// Characters of a queue name, its `.fifo` included.
    static let queueNameCharacters = 1...80
    /// Characters of a batch entry's id.
    static let batchEntryIDCharacters = 1...80
    /// What `maxReceiveCount` may be.
    static let maximumReceiveCount = 1...1_000
}
