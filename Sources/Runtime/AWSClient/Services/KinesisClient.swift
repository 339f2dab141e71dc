import FoundationEssentials

/// One record to be put into a stream.
public struct KinesisPutRecord: Sendable, Equatable {
    /// The content.
    public var data: Data
    /// Decides on the shard: records of one key stay in one shard.
    public var partitionKey: String

    /// A record made of its parts.
    public init(data: Data, partitionKey: String) {
        self.data = data
        self.partitionKey = partitionKey
    }
}

/// Amazon Kinesis Data Streams: putting records.
public struct KinesisClient: Sendable {
    /// Records in one request (Kinesis API Reference, "PutRecords").
    public static let maximumRecordsPerRequest = 500
    /// Data and partition keys of one request, in bytes. The API Reference allows 10 MiB since large records came; 5
    /// MiB is what every stream and every older endpoint takes.
    public static let maximumRequestBytes = 5 * 1_024 * 1_024
    /// Data and partition key of one record, in bytes: what a stream takes unless it is configured for large records.
    public static let maximumRecordBytes = 1_024 * 1_024
    /// The longest partition key, in characters (Kinesis API Reference, "PutRecordsRequestEntry").
    public static let maximumPartitionKeyCharacters = 256

    private static let operation = "PutRecords"

    private let aws: AWSClient

    /// A client that sends through `aws`.
    public init(_ aws: AWSClient) {
        self.aws = aws
    }

    /// Puts records of any number, in requests that keep to the limits, one after the other.
    ///
    /// Kinesis may refuse single records of a request. Everything of a refused record's partition key from that record
    /// on is then sent again in the same order, so that the last copies of a key's records are in order. Consumers
    /// therefore see records twice, and have to expect that.
    ///
    /// - Throws: `AWSError.service` with the code of the first record still refused when `maximumAttempts` rounds in a
    ///   row brought nothing or the time is up; the records before it may have been stored.
    public func putRecords(stream: String, records: [KinesisPutRecord]) async throws(AWSError) {
        for (index, record) in records.enumerated() {
            guard let detail = Self.brokenRule(record) else { continue }
            throw .invalidRequest(service: .kinesis, operation: Self.operation, detail: "record \(index): \(detail)")
        }
        for batch in Self.batches(of: records) {
            try await put(batch, stream: stream)
        }
    }

    private func put(_ batch: [KinesisPutRecord], stream: String) async throws(AWSError) {
        let deadline = aws.deadline()
        var pending = batch
        var fruitlessRounds = 0
        while true {
            let results = try await putOnce(pending, stream: stream)
            guard let refusal = results.first(where: { $0.errorCode != nil }) else { return }
            let remaining = Self.recordsToSendAgain(pending, wasRefused: results.map { $0.errorCode != nil })
            fruitlessRounds = remaining.count < pending.count ? 1 : fruitlessRounds + 1
            pending = remaining
            guard fruitlessRounds < aws.retryPolicy.maximumAttempts,
                await aws.pause(beforeRetry: fruitlessRounds, until: deadline)
            else {
                throw .service(
                    AWSServiceFailure(
                        service: .kinesis, operation: Self.operation, code: refusal.errorCode ?? "",
                        message: refusal.errorMessage ?? "", status: 200))
            }
        }
    }

    private func putOnce(
        _ records: [KinesisPutRecord], stream: String
    ) async throws(AWSError) -> [PutRecordsResponse.Entry] {
        let request = PutRecordsRequest(
            streamName: stream,
            records: records.map { PutRecordsRequest.Entry(data: $0.data, partitionKey: $0.partitionKey) })
        let response = try await aws.call(.kinesis, Self.operation, request, returning: PutRecordsResponse.self)
        guard response.records.count == records.count else {
            throw .malformedResponse(
                service: .kinesis, operation: Self.operation,
                detail: "\(response.records.count) results for \(records.count) records")
        }
        return response.records
    }

    /// The records of every refused record's key, from the first refused one on, in order.
    static func recordsToSendAgain(_ sent: [KinesisPutRecord], wasRefused: [Bool]) -> [KinesisPutRecord] {
        var brokenKeys: Set<String> = []
        return zip(sent, wasRefused).compactMap { record, wasRefused in
            if wasRefused { brokenKeys.insert(record.partitionKey) }
            return brokenKeys.contains(record.partitionKey) ? record : nil
        }
    }

    /// The records in order, cut into requests that keep to both limits.
    static func batches(of records: [KinesisPutRecord]) -> [[KinesisPutRecord]] {
        var batches: [[KinesisPutRecord]] = []
        var batch: [KinesisPutRecord] = []
        var batchBytes = 0
        for record in records {
            let bytes = byteCount(of: record)
            if batch.count == maximumRecordsPerRequest || batchBytes + bytes > maximumRequestBytes {
                batches.append(batch)
                batch = []
                batchBytes = 0
            }
            batch.append(record)
            batchBytes += bytes
        }
        if !batch.isEmpty { batches.append(batch) }
        return batches
    }

    private static func byteCount(of record: KinesisPutRecord) -> Int {
        record.data.count + record.partitionKey.utf8.count
    }

    private static func brokenRule(_ record: KinesisPutRecord) -> String? {
        let keyCharacters = record.partitionKey.unicodeScalars.count
        guard (1...maximumPartitionKeyCharacters).contains(keyCharacters) else {
            return "a partition key has 1 to \(maximumPartitionKeyCharacters) characters"
        }
        let bytes = byteCount(of: record)
        return bytes <= maximumRecordBytes ? nil : "\(bytes) bytes; up to \(maximumRecordBytes) are allowed"
    }
}

private struct PutRecordsRequest: Encodable, Sendable {
    struct Entry: Encodable, Sendable {
        let data: Data
        let partitionKey: String

        private enum CodingKeys: String, CodingKey {
            case data = "Data"
            case partitionKey = "PartitionKey"
        }
    }

    let streamName: String
    let records: [Entry]

    private enum CodingKeys: String, CodingKey {
        case streamName = "StreamName"
        case records = "Records"
    }
}

private struct PutRecordsResponse: Decodable, Sendable {
    /// The result of the record at the same place in the request; a code means that it was not stored.
    struct Entry: Decodable, Sendable {
        let errorCode: String?
        let errorMessage: String?

        private enum CodingKeys: String, CodingKey {
            case errorCode = "ErrorCode"
            case errorMessage = "ErrorMessage"
        }
    }

    let records: [Entry]

    private enum CodingKeys: String, CodingKey {
        case records = "Records"
    }
}
