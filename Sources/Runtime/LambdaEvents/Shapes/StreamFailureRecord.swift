/// What Lambda sends to the failure destination of a stream's event source mapping when it gives records up.
///
/// It says where the records are, so that they can be read again while the stream still keeps them; the records
/// themselves are only in a report to S3.
public struct StreamFailureRecord: Codable, Sendable, Equatable {
    /// Version of the shape.
    public var version: String
    /// When, RFC 3339 with milliseconds, UTC.
    public var timestamp: String
    /// How the function was invoked.
    public var requestContext: DestinationRequestContext
    /// How the last invocation ended; `nil` when the records grew too old.
    public var responseContext: DestinationResponseContext?
    /// Where the records are, of a Kinesis stream.
    public var kinesisBatchInfo: BatchInfo?
    /// Where the records are, of a DynamoDB stream.
    public var dynamoDBBatchInfo: BatchInfo?
    /// The event itself; only in a report to S3.
    public var payload: JSONTree?

    /// A report on records of a Kinesis stream.
    public init(
        timestamp: String, requestContext: DestinationRequestContext, responseContext: DestinationResponseContext?,
        kinesisBatchInfo: BatchInfo, version: String = "1.0"
    ) {
        self.version = version
        self.timestamp = timestamp
        self.requestContext = requestContext
        self.responseContext = responseContext
        self.kinesisBatchInfo = kinesisBatchInfo
    }

    /// Where the records are, whatever the stream is.
    public var batchInfo: BatchInfo? { kinesisBatchInfo ?? dynamoDBBatchInfo }

    enum CodingKeys: String, CodingKey {
        case version, timestamp, requestContext, responseContext, payload
        case kinesisBatchInfo = "KinesisBatchInfo"
        case dynamoDBBatchInfo = "DDBStreamBatchInfo"
    }

    /// Writes the response context's `functionError` also when there is none: AWS sends `null` here.
    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(version, forKey: .version)
        try members.encode(timestamp, forKey: .timestamp)
        try members.encode(requestContext, forKey: .requestContext)
        if let responseContext {
            var context = members.nestedContainer(
                keyedBy: DestinationResponseContext.CodingKeys.self, forKey: .responseContext)
            try context.encode(responseContext.statusCode, forKey: .statusCode)
            try context.encode(responseContext.executedVersion, forKey: .executedVersion)
            try context.encode(responseContext.functionError, forKey: .functionError)
        }
        try members.encodeIfPresent(kinesisBatchInfo, forKey: .kinesisBatchInfo)
        try members.encodeIfPresent(dynamoDBBatchInfo, forKey: .dynamoDBBatchInfo)
        try members.encodeIfPresent(payload, forKey: .payload)
    }

    /// Where the records of one shard are.
    public struct BatchInfo: Codable, Sendable, Equatable {
        /// The shard.
        public var shardID: String
        /// The first record.
        public var startSequenceNumber: String
        /// The last record.
        public var endSequenceNumber: String
        /// When the stream took the first record, RFC 3339, UTC.
        public var approximateArrivalOfFirstRecord: String
        /// When the stream took the last record, RFC 3339, UTC.
        public var approximateArrivalOfLastRecord: String
        /// How many records there are.
        public var batchSize: Int
        /// The stream.
        public var streamARN: String

        /// A place made of its parts.
        public init(
            shardID: String, startSequenceNumber: String, endSequenceNumber: String,
            approximateArrivalOfFirstRecord: String, approximateArrivalOfLastRecord: String, batchSize: Int,
            streamARN: String
        ) {
            self.shardID = shardID
            self.startSequenceNumber = startSequenceNumber
            self.endSequenceNumber = endSequenceNumber
            self.approximateArrivalOfFirstRecord = approximateArrivalOfFirstRecord
            self.approximateArrivalOfLastRecord = approximateArrivalOfLastRecord
            self.batchSize = batchSize
            self.streamARN = streamARN
        }

        enum CodingKeys: String, CodingKey {
            case startSequenceNumber, endSequenceNumber, approximateArrivalOfFirstRecord
            case approximateArrivalOfLastRecord, batchSize
            case shardID = "shardId"
            case streamARN = "streamArn"
        }
    }
}
