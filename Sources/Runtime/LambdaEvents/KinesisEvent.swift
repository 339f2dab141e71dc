import FoundationEssentials

/// A batch of records from one shard of a Kinesis stream (event source `aws:kinesis`).
public struct KinesisEvent: Codable, Sendable, Equatable, LambdaDecodable, LambdaEncodable {
    /// The records, in the order of the shard.
    public var records: [Record]

    /// A batch of these records.
    public init(records: [Record]) {
        self.records = records
    }

    enum CodingKeys: String, CodingKey {
        case records = "Records"
    }

    /// One record.
    public struct Record: Codable, Sendable, Equatable {
        /// What the producer put.
        public var kinesis: Payload
        /// `aws:kinesis`.
        public var eventSource: String
        /// Version of the record's shape.
        public var eventVersion: String
        /// Shard and sequence number: `shardId-000000000000:4959…`.
        public var eventID: String
        /// `aws:kinesis:record`.
        public var eventName: String
        /// The role the poller assumes.
        public var invokeIdentityARN: String
        /// The stream's region.
        public var awsRegion: String
        /// The stream.
        public var eventSourceARN: String

        /// A record made of its parts.
        public init(
            kinesis: Payload, eventID: String, eventSourceARN: String, awsRegion: String,
            invokeIdentityARN: String, eventSource: String = "aws:kinesis", eventVersion: String = "1.0",
            eventName: String = "aws:kinesis:record"
        ) {
            self.kinesis = kinesis
            self.eventSource = eventSource
            self.eventVersion = eventVersion
            self.eventID = eventID
            self.eventName = eventName
            self.invokeIdentityARN = invokeIdentityARN
            self.awsRegion = awsRegion
            self.eventSourceARN = eventSourceARN
        }

        /// Orders the record in its shard; what a partial batch response names.
        public var sequenceNumber: String { kinesis.sequenceNumber }
        /// Decides the shard; records of one key keep their order.
        public var partitionKey: String { kinesis.partitionKey }
        /// The producer's bytes.
        public var data: Data { kinesis.data }

        enum CodingKeys: String, CodingKey {
            case kinesis, eventSource, eventVersion, eventID, eventName, awsRegion, eventSourceARN
            case invokeIdentityARN = "invokeIdentityArn"
        }
    }

    /// What the producer put, and where Kinesis put it.
    public struct Payload: Codable, Sendable, Equatable {
        /// Version of this shape.
        public var kinesisSchemaVersion: String
        /// Decides the shard.
        public var partitionKey: String
        /// Orders the record in its shard.
        public var sequenceNumber: String
        /// The producer's bytes; base64 on the wire.
        public var data: Data
        /// When Kinesis took the record, seconds since 1970.
        public var approximateArrivalTimestamp: Double
        /// Present when the stream is encrypted.
        public var encryptionType: String?

        /// A payload made of its parts.
        public init(
            partitionKey: String, sequenceNumber: String, data: Data, approximateArrivalTimestamp: Double,
            kinesisSchemaVersion: String = "1.0", encryptionType: String? = nil
        ) {
            self.kinesisSchemaVersion = kinesisSchemaVersion
            self.partitionKey = partitionKey
            self.sequenceNumber = sequenceNumber
            self.data = data
            self.approximateArrivalTimestamp = approximateArrivalTimestamp
            self.encryptionType = encryptionType
        }
    }
}
