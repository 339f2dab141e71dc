import Wire

/// A batch of records from one shard of a Kinesis stream (event source `aws:kinesis`).
public struct KinesisEvent: Sendable, Equatable, LambdaDecodable, LambdaEncodable {
    /// The records, in the order of the shard.
    public var records: [Record]
    /// The tumbling window that the batch belongs to; `nil` when the event source mapping has none.
    public var window: Window?

    /// A batch of these records.
    public init(records: [Record], window: Window? = nil) {
        self.records = records
        self.window = window
    }

    /// Decodes a payload, base64 included, in one pass; the records' texts are built when they are asked for.
    public init(lambdaPayload: Bytes) throws(LambdaEventError) {
        var members = WindowMembers()
        records = try BatchDecoding.records(Record.self, lambdaPayload) { (key, scanner, place) throws(JSONError) in
            try members.read(key, &scanner, &place)
        }
        window = members.window(in: lambdaPayload)
    }

    /// One record: a view of the payload that it came in, which it keeps in memory.
    ///
    /// Sequence number, partition key and data are always there; any other text that the payload lacks is empty.
    public struct Record: Sendable {
        let view: RecordView

        /// A record made of its parts.
        public init(
            kinesis: Payload, eventID: String, eventSourceARN: String, awsRegion: String,
            invokeIdentityARN: String, eventSource: String = "aws:kinesis", eventVersion: String = "1.0",
            eventName: String = "aws:kinesis:record"
        ) {
            var builder = RecordBuilder()
            builder.set(
                partitionKey: kinesis.partitionKey, sequenceNumber: kinesis.sequenceNumber, data: kinesis.data,
                approximateArrivalTimestamp: kinesis.approximateArrivalTimestamp,
                kinesisSchemaVersion: kinesis.kinesisSchemaVersion, encryptionType: kinesis.encryptionType)
            builder.set(Field.eventSource.rawValue, eventSource)
            builder.set(Field.eventVersion.rawValue, eventVersion)
            builder.set(Field.eventID.rawValue, eventID)
            builder.set(Field.eventName.rawValue, eventName)
            builder.set(Field.invokeIdentityARN.rawValue, invokeIdentityARN)
            builder.set(Field.awsRegion.rawValue, awsRegion)
            builder.set(Field.eventSourceARN.rawValue, eventSourceARN)
            view = builder.build()
        }

        /// What the producer put.
        public var kinesis: Payload { Payload(view: view) }
        /// `aws:kinesis`.
        public var eventSource: String { view.text(Field.eventSource.rawValue) }
        /// Version of the record's shape.
        public var eventVersion: String { view.text(Field.eventVersion.rawValue) }
        /// Shard and sequence number: `shardId-000000000000:4959…`.
        public var eventID: String { view.text(Field.eventID.rawValue) }
        /// `aws:kinesis:record`.
        public var eventName: String { view.text(Field.eventName.rawValue) }
        /// The role the poller assumes.
        public var invokeIdentityARN: String { view.text(Field.invokeIdentityARN.rawValue) }
        /// The stream's region.
        public var awsRegion: String { view.text(Field.awsRegion.rawValue) }
        /// The stream.
        public var eventSourceARN: String { view.text(Field.eventSourceARN.rawValue) }

        /// Orders the record in its shard; what a partial batch response names.
        public var sequenceNumber: String { view.text(Field.sequenceNumber.rawValue) }
        /// The digits of the sequence number, without a copy.
        public var sequenceNumberBytes: Bytes { view.textBytes(Field.sequenceNumber.rawValue) }
        /// Decides the shard; records of one key keep their order.
        public var partitionKey: String { view.text(Field.partitionKey.rawValue) }
        /// The producer's bytes, without a copy.
        public var data: Bytes { view.data(Field.data.rawValue) }
    }

    /// What the producer put, and where Kinesis put it.
    public struct Payload: Sendable {
        let view: RecordView

        init(view: RecordView) {
            self.view = view
        }

        /// A payload made of its parts.
        public init(
            partitionKey: String, sequenceNumber: String, data: Bytes, approximateArrivalTimestamp: Double,
            kinesisSchemaVersion: String = "1.0", encryptionType: String? = nil
        ) {
            var builder = RecordBuilder()
            builder.set(
                partitionKey: partitionKey, sequenceNumber: sequenceNumber, data: data,
                approximateArrivalTimestamp: approximateArrivalTimestamp, kinesisSchemaVersion: kinesisSchemaVersion,
                encryptionType: encryptionType)
            view = builder.build()
        }

        /// Version of this shape.
        public var kinesisSchemaVersion: String { view.text(Record.Field.kinesisSchemaVersion.rawValue) }
        /// Decides the shard.
        public var partitionKey: String { view.text(Record.Field.partitionKey.rawValue) }
        /// Orders the record in its shard.
        public var sequenceNumber: String { view.text(Record.Field.sequenceNumber.rawValue) }
        /// The producer's bytes; base64 on the wire.
        public var data: Bytes { view.data(Record.Field.data.rawValue) }
        /// When Kinesis took the record, seconds since 1970; 0 when the event does not tell.
        public var approximateArrivalTimestamp: Double {
            view.number(Record.Field.approximateArrivalTimestamp.rawValue)
        }
        /// Present when the stream is encrypted.
        public var encryptionType: String? { view.optionalText(Record.Field.encryptionType.rawValue) }
    }
}

extension RecordBuilder {
    /// Sets the fields of a payload.
    fileprivate mutating func set(
        partitionKey: String, sequenceNumber: String, data: Bytes, approximateArrivalTimestamp: Double,
        kinesisSchemaVersion: String, encryptionType: String?
    ) {
        typealias Field = KinesisEvent.Record.Field
        set(Field.kinesisSchemaVersion.rawValue, kinesisSchemaVersion)
        set(Field.partitionKey.rawValue, partitionKey)
        set(Field.sequenceNumber.rawValue, sequenceNumber)
        set(Field.data.rawValue, data: data)
        set(Field.approximateArrivalTimestamp.rawValue, approximateArrivalTimestamp)
        set(Field.encryptionType.rawValue, encryptionType)
    }
}

extension KinesisEvent.Payload: Equatable {
    public static func == (left: Self, right: Self) -> Bool {
        left.kinesisSchemaVersion == right.kinesisSchemaVersion && left.partitionKey == right.partitionKey
            && left.sequenceNumber == right.sequenceNumber && left.data == right.data
            && left.approximateArrivalTimestamp == right.approximateArrivalTimestamp
            && left.encryptionType == right.encryptionType
    }
}

extension KinesisEvent.Record: Equatable {
    public static func == (left: Self, right: Self) -> Bool {
        left.kinesis == right.kinesis && left.eventSource == right.eventSource
            && left.eventVersion == right.eventVersion && left.eventID == right.eventID
            && left.eventName == right.eventName && left.invokeIdentityARN == right.invokeIdentityARN
            && left.awsRegion == right.awsRegion && left.eventSourceARN == right.eventSourceARN
    }
}
