/// Limits of Kinesis Data Streams, from the developer guide's "Quotas and limits" and the API reference.
enum KinesisLimits {
    /// A record's data and partition key together.
    static let recordBytes = 1_048_576
    /// Records of one PutRecords call.
    static let recordsPerPut = 500
    /// Data and partition keys of one PutRecords call.
    static let bytesPerPut = 5 * 1_048_576
    /// Records one GetRecords call may return, also when no limit is given.
    static let recordsPerGet = 10_000
    /// Bytes one GetRecords call returns at most.
    static let bytesPerGet = 10 * 1_048_576
    /// Characters of a partition key.
    static let partitionKeyCharacters = 1...256
    /// How long a shard iterator may be used: 5 minutes.
    static let iteratorMilliseconds: Int64 = 300_000
    /// How long records are kept unless the stream says otherwise: 24 hours.
    static let retentionHours = 24
    /// Shards of one stream here; the account's default quota in the large regions.
    static let shardsPerStream = 500
    /// Shards of an on-demand stream to begin with.
    static let onDemandShards = 4
    /// Characters of a stream name.
    static let streamNameCharacters = 1...128
    /// Digits of a sequence number.
    static let sequenceNumberDigits = 56
}
