import Foundation

extension KinesisService {
    /// Performs one wire operation; `nil` when there is none of that name.
    func perform(_ operation: String, _ input: AWSInput) throws(AWSServiceError) -> JSONValue? {
        switch operation {
        case "CreateStream": try createStream(input)
        case "DeleteStream": try deleteStream(input)
        case "DescribeStream": try describeStream(input)
        case "DescribeStreamSummary": try describeStreamSummary(input)
        case "ListStreams": try listStreams(input)
        case "ListShards": try listShards(input)
        case "PutRecord": try putRecord(input)
        case "PutRecords": try putRecords(input)
        case "GetShardIterator": try getShardIterator(input)
        case "GetRecords": try getRecords(input)
        default: nil
        }
    }

    /// The stream a request names, directly or by ARN.
    private func streamName(_ input: AWSInput) throws(AWSServiceError) -> String {
        if let name = try input.string("StreamName") { return name }
        guard let arn = try input.string("StreamARN") else { throw input.missing("StreamName") }
        guard let slash = arn.lastIndex(of: "/"), arn.hasPrefix("arn:") else {
            throw AWSServiceError("InvalidArgumentException", "The StreamARN '\(arn)' is not a stream's ARN.")
        }
        return String(arn[arn.index(after: slash)...])
    }

    private func createStream(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let mode = try input.nested("StreamModeDetails")?.string("StreamMode") ?? "PROVISIONED"
        let shardCount = try input.integer("ShardCount")
        guard mode == "ON_DEMAND" || shardCount != nil else {
            throw AWSServiceError("ValidationException", "ShardCount is required when the mode is PROVISIONED.")
        }
        _ = try create(
            name: try input.requiredString("StreamName"), shardCount: shardCount ?? KinesisLimits.onDemandShards,
            isOnDemand: mode == "ON_DEMAND")
        return [:]
    }

    private func deleteStream(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let name = try streamName(input)
        try monitor.transaction { (state) throws(AWSServiceError) in
            guard state.streams.removeValue(forKey: name) != nil else { throw notFound(name) }
        }
        return [:]
    }

    private func describeStream(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        try withStream(try streamName(input)) { stream in
            var description = Self.summary(stream)
            description["Shards"] = .array(stream.shards.map(Self.description))
            description["HasMoreShards"] = false
            return ["StreamDescription": .object(description)]
        }
    }

    private func describeStreamSummary(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        try withStream(try streamName(input)) { stream in
            var description = Self.summary(stream)
            description["OpenShardCount"] = .integer(Int64(stream.shards.count))
            description["ConsumerCount"] = 0
            return ["StreamDescriptionSummary": .object(description)]
        }
    }

    private static func summary(_ stream: KinesisStream) -> [String: JSONValue] {
        [
            "StreamName": .string(stream.name), "StreamARN": .string(stream.arn), "StreamStatus": "ACTIVE",
            "StreamModeDetails": ["StreamMode": .string(stream.isOnDemand ? "ON_DEMAND" : "PROVISIONED")],
            "RetentionPeriodHours": .integer(Int64(stream.retentionHours)),
            "StreamCreationTimestamp": seconds(stream.createdMilliseconds),
            "EnhancedMonitoring": [["ShardLevelMetrics": []]], "EncryptionType": "NONE",
        ]
    }

    private static func description(_ shard: KinesisShard) -> JSONValue {
        [
            "ShardId": .string(shard.id),
            "HashKeyRange": [
                "StartingHashKey": .string(String(shard.hashKeyRange.lowerBound)),
                "EndingHashKey": .string(String(shard.hashKeyRange.upperBound)),
            ],
            "SequenceNumberRange": ["StartingSequenceNumber": .string(shard.startingSequenceNumber)],
        ]
    }

    private static func seconds(_ milliseconds: Int64) -> JSONValue { .number(Double(milliseconds) / 1000) }

    private func listStreams(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let limit = try input.integer("Limit") ?? 100
        let startName = try input.string("ExclusiveStartStreamName")
        let nextToken = try input.string("NextToken")
        let after = startName ?? nextToken ?? ""
        let remaining = streamNames().filter { $0 > after }
        let page = remaining.prefix(max(1, limit))
        var output: [String: JSONValue] = [
            "StreamNames": .array(page.map { .string($0) }), "HasMoreStreams": .bool(remaining.count > page.count),
        ]
        if remaining.count > page.count { output["NextToken"] = page.last.map { .string($0) } }
        return .object(output)
    }

    private func listShards(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        // The token is "<stream> <last shard>"; a request with a token names no stream.
        let token = try input.string("NextToken").map { Data(base64Encoded: $0) ?? Data() }
        let parts = token.map { String(decoding: $0, as: UTF8.self).split(separator: " ") }
        if let parts, parts.count != 2 {
            throw AWSServiceError("InvalidArgumentException", "The NextToken is not one of ListShards.")
        }
        let name: String
        if let parts { name = String(parts[0]) } else { name = try streamName(input) }
        let startShard = try input.string("ExclusiveStartShardId")
        let after = parts.map { String($0[1]) } ?? startShard ?? ""
        let limit = try input.integer("MaxResults") ?? 1_000
        return try withStream(name) { stream in
            let remaining = stream.shards.filter { $0.id > after }
            let page = remaining.prefix(max(1, limit))
            var output: [String: JSONValue] = ["Shards": .array(page.map(Self.description))]
            if remaining.count > page.count, let last = page.last {
                output["NextToken"] = .string(Data("\(name) \(last.id)".utf8).base64EncodedString())
            }
            return .object(output)
        }
    }

    // MARK: Records

    private func putRecord(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let name = try streamName(input)
        let entry = try KinesisPutEntry(input)
        return try withStream(name) { stream in Self.put(entry, into: &stream, nowMilliseconds: now()) }
    }

    private func putRecords(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let name = try streamName(input)
        let records = try input.required("Records", try input.structures("Records"))
        guard (1...KinesisLimits.recordsPerPut).contains(records.count) else {
            throw AWSServiceError(
                "ValidationException",
                "1 validation error detected: Value at 'records' failed to satisfy constraint: Member must have "
                    + "length from 1 to \(KinesisLimits.recordsPerPut), it has \(records.count)")
        }
        var entries: [KinesisPutEntry] = []
        for record in records { entries.append(try KinesisPutEntry(record)) }
        guard entries.reduce(0, { $0 + $1.byteCount }) <= KinesisLimits.bytesPerPut else {
            throw AWSServiceError(
                "InvalidArgumentException",
                "Records size exceeds \(KinesisLimits.bytesPerPut / 1_048_576) MB limit")
        }
        return try withStream(name) { stream in
            let results = entries.map { Self.put($0, into: &stream, nowMilliseconds: now()) }
            return ["FailedRecordCount": 0, "Records": .array(results), "EncryptionType": "NONE"]
        }
    }

    private static func put(
        _ entry: KinesisPutEntry, into stream: inout KinesisStream, nowMilliseconds: Int64
    ) -> JSONValue {
        let (shardID, sequenceNumber) = stream.put(
            data: entry.data, partitionKey: entry.partitionKey, explicitHashKey: entry.explicitHashKey,
            nowMilliseconds: nowMilliseconds)
        return ["ShardId": .string(shardID), "SequenceNumber": .string(sequenceNumber)]
    }

    private func getShardIterator(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let name = try streamName(input)
        let shardID = try input.requiredString("ShardId")
        let type = try input.requiredString("ShardIteratorType")
        let sequenceNumber = try input.string("StartingSequenceNumber")
        let timestamp = try input.timestampMilliseconds("Timestamp")
        return try withStream(name) { (stream) throws(AWSServiceError) in
            guard let shard = stream.shards.first(where: { $0.id == shardID }) else {
                throw AWSServiceError(
                    "ResourceNotFoundException",
                    "Shard \(shardID) in stream \(name) under account \(account.id) does not exist")
            }
            let position: Int
            switch type {
            case "TRIM_HORIZON": position = shard.droppedCount
            case "LATEST": position = shard.endPosition
            case "AT_SEQUENCE_NUMBER": position = shard.position(atSequenceNumber: try Self.checked(sequenceNumber))
            case "AFTER_SEQUENCE_NUMBER":
                position = shard.position(afterSequenceNumber: try Self.checked(sequenceNumber))
            case "AT_TIMESTAMP":
                guard let timestamp else {
                    throw AWSServiceError(
                        "InvalidArgumentException", "Must specify timestamp parameter for iterator of type AT_TIMESTAMP"
                    )
                }
                position = shard.position(atMilliseconds: timestamp)
            default:
                throw AWSServiceError(
                    "ValidationException",
                    "1 validation error detected: Value '\(type)' at 'shardIteratorType' failed to satisfy "
                        + "constraint: Member must satisfy enum value set: [AFTER_SEQUENCE_NUMBER, LATEST, "
                        + "AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON]")
            }
            let iterator = KinesisIterator(stream: stream, shard: shardID, position: position, nowMilliseconds: now())
            return ["ShardIterator": .string(iterator.token)]
        }
    }

    private static func checked(_ sequenceNumber: String?) throws(AWSServiceError) -> String {
        guard let sequenceNumber else {
            throw AWSServiceError(
                "InvalidArgumentException", "Must specify StartingSequenceNumber for this type of iterator")
        }
        guard sequenceNumber.utf8.count == KinesisLimits.sequenceNumberDigits,
            sequenceNumber.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else {
            throw AWSServiceError(
                "InvalidArgumentException",
                "StartingSequenceNumber \(sequenceNumber) used in GetShardIterator is invalid: it must have "
                    + "\(KinesisLimits.sequenceNumberDigits) digits.")
        }
        return sequenceNumber
    }

    private func getRecords(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let token = try input.requiredString("ShardIterator")
        let limit = try input.integer("Limit") ?? KinesisLimits.recordsPerGet
        guard (1...KinesisLimits.recordsPerGet).contains(limit) else {
            throw AWSServiceError(
                "ValidationException",
                "1 validation error detected: Value '\(limit)' at 'limit' failed to satisfy constraint: "
                    + "Member must be between 1 and \(KinesisLimits.recordsPerGet)")
        }
        guard let iterator = KinesisIterator(token: token) else {
            throw AWSServiceError("InvalidArgumentException", "Invalid ShardIterator.")
        }
        let time = now()
        guard time - iterator.issuedMilliseconds < KinesisLimits.iteratorMilliseconds else {
            throw AWSServiceError(
                "ExpiredIteratorException",
                "Iterator expired. The iterator was issued \((time - iterator.issuedMilliseconds) / 1000) seconds ago "
                    + "and may be used for \(KinesisLimits.iteratorMilliseconds / 1000) seconds.")
        }
        return try withStream(iterator.stream) { (stream) throws(AWSServiceError) in
            guard stream.createdMilliseconds == iterator.createdMilliseconds,
                let shard = stream.shards.first(where: { $0.id == iterator.shard })
            else { throw notFound(iterator.stream) }
            let (records, next) = shard.records(from: iterator.position, limit: limit)
            let behind =
                next >= shard.endPosition
                ? 0 : time - (records.last?.approximateArrivalMilliseconds ?? time)
            let nextIterator = KinesisIterator(stream: stream, shard: shard.id, position: next, nowMilliseconds: time)
            return [
                "Records": .array(records.map(Self.wire)), "NextShardIterator": .string(nextIterator.token),
                "MillisBehindLatest": .integer(max(0, behind)),
            ]
        }
    }

    private static func wire(_ record: KinesisRecord) -> JSONValue {
        [
            "SequenceNumber": .string(record.sequenceNumber), "PartitionKey": .string(record.partitionKey),
            "Data": .string(record.data.base64EncodedString()),
            "ApproximateArrivalTimestamp": seconds(record.approximateArrivalMilliseconds),
            "EncryptionType": "NONE",
        ]
    }
}
