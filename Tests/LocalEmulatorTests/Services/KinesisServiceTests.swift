import Foundation
import Testing

@testable import LocalEmulator

@Suite struct KinesisServiceTests {
    let clock = ManualClock()
    let service: KinesisService
    let client: WireClient

    init() throws {
        service = KinesisService(account: "123456789012", region: "eu-central-1", now: clock.now)
        client = WireClient(service: service, targetPrefix: "Kinesis_20131202")
        try service.createStream(name: "events", shardCount: 3)
    }

    private func put(_ text: String, key: String = "k") throws -> String {
        try service.putRecord(stream: "events", data: Data(text.utf8), partitionKey: key).sequenceNumber
    }

    private func iterator(_ type: String, shard: String, _ extra: [String: JSONValue] = [:]) throws -> WireAnswer {
        var input: JSONValue = ["StreamName": "events", "ShardId": .string(shard), "ShardIteratorType": .string(type)]
        for (name, value) in extra { input[name] = value }
        return try client.call("GetShardIterator", input)
    }

    /// The texts behind an iterator, page by page until the shard's end.
    private func read(_ iterator: WireAnswer, limit: Int = 100) throws -> [String] {
        var token = try #require(iterator["ShardIterator"])
        var texts: [String] = []
        while true {
            let page = try client.call("GetRecords", ["ShardIterator": token, "Limit": .integer(Int64(limit))])
            let records = try #require(page["Records"]?.arrayValue)
            texts += records.compactMap { $0["Data"]?.stringValue.flatMap { Data(base64Encoded: $0) } }
                .map { String(decoding: $0, as: UTF8.self) }
            token = try #require(page["NextShardIterator"])
            if records.isEmpty { return texts }
        }
    }

    private func shard(of key: String) throws -> String {
        try service.putRecord(stream: "events", data: Data("probe".utf8), partitionKey: key).shardID
    }

    @Test func `the shards cover every hash key exactly once`() throws {
        let shards = try #require(try client.call("ListShards", ["StreamName": "events"])["Shards"]?.arrayValue)
        let ranges = shards.compactMap { shard -> ClosedRange<UInt128>? in
            guard let low = shard["HashKeyRange"]?["StartingHashKey"]?.stringValue.flatMap({ UInt128($0) }),
                let high = shard["HashKeyRange"]?["EndingHashKey"]?.stringValue.flatMap({ UInt128($0) })
            else { return nil }
            return low...high
        }
        #expect(ranges.count == 3)
        #expect(ranges.first?.lowerBound == 0)
        #expect(ranges.last?.upperBound == UInt128.max)
        for (left, right) in zip(ranges, ranges.dropFirst()) { #expect(left.upperBound + 1 == right.lowerBound) }
    }

    @Test func `a partition key goes to the shard that holds its MD5`() {
        // MD5("a") = 0cc175b9c0f1b6a831c399e269772661
        #expect(KinesisStream.hashKey("a") == 0x0cc1_75b9_c0f1_b6a8_31c3_99e2_6977_2661)
    }

    @Test func `sequence numbers have 56 digits and grow as text and as numbers`() throws {
        let numbers = try (0..<50).map { try put("\($0)") }
        #expect(numbers.allSatisfy { $0.utf8.count == 56 && $0.allSatisfy(\.isNumber) })
        #expect(numbers == numbers.sorted())
        #expect(Set(numbers).count == 50)
    }

    @Test func `every kind of iterator begins where it says`() throws {
        let shard = try shard(of: "k")
        clock.advance(seconds: 10)
        let second = try put("two")
        clock.advance(seconds: 10)
        _ = try put("three")
        #expect(try read(iterator("TRIM_HORIZON", shard: shard)) == ["probe", "two", "three"])
        #expect(try read(iterator("TRIM_HORIZON", shard: shard), limit: 1) == ["probe", "two", "three"])
        let number: [String: JSONValue] = ["StartingSequenceNumber": .string(second)]
        #expect(try read(iterator("AT_SEQUENCE_NUMBER", shard: shard, number)) == ["two", "three"])
        #expect(try read(iterator("AFTER_SEQUENCE_NUMBER", shard: shard, number)) == ["three"])
        let time: [String: JSONValue] = ["Timestamp": .integer((clock.now() - 5_000) / 1000)]
        #expect(try read(iterator("AT_TIMESTAMP", shard: shard, time)) == ["three"])
        let latest = try iterator("LATEST", shard: shard)
        #expect(try read(latest).isEmpty)
        _ = try put("four")
        #expect(try read(latest) == ["four"])
    }

    @Test func `iterators and their arguments are checked`() throws {
        let shard = service.shardIDs(stream: "events")[0]
        #expect(try iterator("SOMETIME", shard: shard).errorCode == "ValidationException")
        #expect(try iterator("AT_SEQUENCE_NUMBER", shard: shard).errorCode == "InvalidArgumentException")
        let short: [String: JSONValue] = ["StartingSequenceNumber": "12"]
        #expect(try iterator("AT_SEQUENCE_NUMBER", shard: shard, short).errorCode == "InvalidArgumentException")
        #expect(try iterator("LATEST", shard: "shardId-9").errorCode == "ResourceNotFoundException")
        let nonsense = try client.call("GetRecords", ["ShardIterator": "nonsense"])
        #expect(nonsense.errorCode == "InvalidArgumentException")
        let token = try #require(try iterator("LATEST", shard: shard)["ShardIterator"])
        clock.advance(seconds: 300)
        #expect(try client.call("GetRecords", ["ShardIterator": token]).errorCode == "ExpiredIteratorException")
    }

    @Test func `a record of one mebibyte with its key passes and one byte more does not`() throws {
        func put(_ count: Int) throws -> WireAnswer {
            let data = Data(repeating: 7, count: count).base64EncodedString()
            return try client.call(
                "PutRecord", ["StreamName": "events", "PartitionKey": "k", "Data": .string(data)])
        }
        #expect(try put(KinesisLimits.recordBytes - 1).status == 200)
        #expect(try put(KinesisLimits.recordBytes).errorCode == "ValidationException")
    }

    @Test func `a put of many keeps their order and refuses too many`() throws {
        let records = (0..<500).map {
            ["PartitionKey": "k", "Data": .string(Data("\($0)".utf8).base64EncodedString())] as JSONValue
        }
        let answer = try client.call("PutRecords", ["StreamName": "events", "Records": .array(records)])
        #expect(answer["FailedRecordCount"] == 0)
        let numbers = answer["Records"]?.arrayValue?.compactMap { $0["SequenceNumber"]?.stringValue } ?? []
        #expect(numbers.count == 500)
        #expect(numbers == numbers.sorted())
        let tooMany = try client.call(
            "PutRecords", ["StreamName": "events", "Records": .array(records + [records[0]])])
        #expect(tooMany.errorCode == "ValidationException")
        let empty = try client.call("PutRecords", ["StreamName": "events", "Records": []])
        #expect(empty.errorCode == "ValidationException")
    }

    @Test func `one bad record refuses the whole put and stores nothing`() throws {
        let answer = try client.call(
            "PutRecords",
            [
                "StreamName": "events",
                "Records": [["PartitionKey": "k", "Data": "YQ=="], ["PartitionKey": "", "Data": "YQ=="]],
            ])
        #expect(answer.errorCode == "ValidationException")
        #expect(service.allRecords(stream: "events").isEmpty)
    }

    @Test func `records are kept for the retention period`() throws {
        let shard = try shard(of: "k")
        clock.advance(seconds: 23 * 3600)
        _ = try put("young")
        clock.advance(seconds: 3601)
        #expect(try read(iterator("TRIM_HORIZON", shard: shard)) == ["young"])
        #expect(service.records(stream: "events", shard: shard, afterSequenceNumber: nil, limit: 10).count == 1)
    }

    @Test func `a waiting reader gets the record that comes`() throws {
        let shard = try shard(of: "k")
        let last = try #require(service.latestSequenceNumber(stream: "events", shard: shard))
        let reader = Background { [service] in
            service.records(
                stream: "events", shard: shard, afterSequenceNumber: last, limit: 10, waitMilliseconds: 20_000
            ).map(\.partitionKey)
        }
        _ = try put("x")
        #expect(reader.value() == ["k"])
    }

    @Test func `streams are described, listed and deleted`() throws {
        let summary = try client.call("DescribeStreamSummary", ["StreamName": "events"])
        #expect(summary["StreamDescriptionSummary"]?["OpenShardCount"] == 3)
        let described = try client.call(
            "DescribeStream", ["StreamARN": .string(service.arn(ofStream: "events"))])
        #expect(described["StreamDescription"]?["Shards"]?.arrayValue?.count == 3)
        #expect(try client.call("ListStreams")["StreamNames"] == ["events"])
        #expect(
            try client.call("CreateStream", ["StreamName": "events", "ShardCount": 1]).errorCode
                == "ResourceInUseException")
        try client.call("DeleteStream", ["StreamName": "events"])
        #expect(try client.call("DescribeStream", ["StreamName": "events"]).errorCode == "ResourceNotFoundException")
    }

    @Test func `a page of shards continues where the last ended`() throws {
        let first = try client.call("ListShards", ["StreamName": "events", "MaxResults": 2])
        #expect(first["Shards"]?.arrayValue?.count == 2)
        let second = try client.call("ListShards", ["NextToken": try #require(first["NextToken"])])
        #expect(second["Shards"]?.arrayValue?.count == 1)
        #expect(second["NextToken"] == nil)
    }
}
