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
    public var responseContext: ResponseContext?
    /// Where the records are, of a Kinesis stream.
    public var kinesisBatchInfo: BatchInfo?
    /// Where the records are, of a DynamoDB stream.
    public var dynamoDBBatchInfo: BatchInfo?
    /// The event itself; only in a report to S3.
    public var payload: JSONTree?

    /// A report on records of a Kinesis stream.
    public init(
        timestamp: String, requestContext: DestinationRequestContext, responseContext: ResponseContext?,
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

    /// How the last invocation ended.
    public struct ResponseContext: Codable, Sendable, Equatable {
        /// The status of Lambda's Invoke API; 200 also when the function failed.
        public var statusCode: Int
        /// The version that ran, for example `$LATEST`.
        public var executedVersion: String
        /// `Handled` or `Unhandled`; `nil` when the function reported single records instead.
        public var functionError: String?

        /// An end made of its parts.
        public init(statusCode: Int, executedVersion: String = "$LATEST", functionError: String? = nil) {
            self.statusCode = statusCode
            self.executedVersion = executedVersion
            self.functionError = functionError
        }

        /// Writes `functionError` also when there is none: AWS sends `null` here.
        public func encode(to encoder: any Encoder) throws {
            var members = encoder.container(keyedBy: CodingKeys.self)
            try members.encode(statusCode, forKey: .statusCode)
            try members.encode(executedVersion, forKey: .executedVersion)
            try members.encode(functionError, forKey: .functionError)
        }
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
