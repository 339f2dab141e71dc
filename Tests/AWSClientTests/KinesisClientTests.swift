import Foundation
import Testing

@testable import AWSClient

@Suite("Kinesis PutRecords")
struct KinesisClientTests {
    private static func record(_ key: String, _ text: String) -> KinesisPutRecord {
        KinesisPutRecord(data: Data(text.utf8), partitionKey: key)
    }

    /// An answer to as many records as there are flags; true refuses the record.
    private static func answer(_ refused: [Bool], code: String = "ProvisionedThroughputExceededException")
        -> ScriptedTransport.Step
    {
        let entries = refused.map { isRefused in
            isRefused
                ? #"{"ErrorCode":"\#(code)","ErrorMessage":"slow down"}"#
                : #"{"SequenceNumber":"1","ShardId":"shardId-000000000000"}"#
        }
        let count = refused.filter { $0 }.count
        return .json(#"{"FailedRecordCount":\#(count),"Records":[\#(entries.joined(separator: ","))]}"#)
    }

    private static func texts(_ body: NSDictionary) -> [String] {
        let records = body["Records"] as? [[String: String]] ?? []
        return records.compactMap { $0["Data"].flatMap { Data(base64Encoded: $0) } }
            .map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("D-12: everything of a refused record's key from it on is sent again, in order; other keys are not")
    func partialFailure() async throws {
        let records = [
            Self.record("a", "a1"), Self.record("b", "b1"), Self.record("a", "a2"), Self.record("c", "c1"),
            Self.record("b", "b2"), Self.record("a", "a3"),
        ]
        let aws = try ScriptedAWS([
            Self.answer([false, true, true, false, false, false]), Self.answer([false, true, false, false]),
            Self.answer([false, false]),
        ])
        try await KinesisClient(aws.client).putRecords(stream: "events", records: records)
        #expect(Self.texts(try aws.jsonBody(0)) == ["a1", "b1", "a2", "c1", "b2", "a3"])
        #expect(Self.texts(try aws.jsonBody(1)) == ["b1", "a2", "b2", "a3"])
        #expect(Self.texts(try aws.jsonBody(2)) == ["a2", "a3"])
        #expect(aws.transport.requests.count == 3)
        #expect(aws.transport.requests[0].headers["X-Amz-Target"] == "Kinesis_20131202.PutRecords")
        #expect(aws.transport.requests[0].headers["Content-Type"] == "application/x-amz-json-1.1")
        #expect(try aws.jsonBody(0)["StreamName"] as? String == "events")
    }

    @Test("D-28: rounds that bring nothing are bounded, and the refusal is reported")
    func givesUp() async throws {
        let policy = RetryPolicy(maximumAttempts: 3)
        let aws = try ScriptedAWS(Array(repeating: Self.answer([true]), count: 9), policy: policy)
        let error = await #expect(throws: AWSError.self) {
            try await KinesisClient(aws.client).putRecords(stream: "events", records: [Self.record("a", "a1")])
        }
        #expect(error?.code == "ProvisionedThroughputExceededException")
        #expect(aws.transport.requests.count == 3)
    }

    @Test("rounds that bring something do not count against the bound")
    func progress() async throws {
        let records = (0..<6).map { Self.record("k\($0)", "\($0)") }
        let steps = (1...6).reversed().map { count in
            Self.answer([false] + Array(repeating: true, count: count - 1))
        }
        let aws = try ScriptedAWS(steps, policy: RetryPolicy(maximumAttempts: 2))
        try await KinesisClient(aws.client).putRecords(stream: "events", records: records)
        #expect(aws.transport.requests.count == 6)
    }

    @Test("no records, no request")
    func nothing() async throws {
        let aws = try ScriptedAWS([])
        try await KinesisClient(aws.client).putRecords(stream: "events", records: [])
        #expect(aws.transport.requests.isEmpty)
    }

    @Test("requests keep to 500 records and 5 MiB, and the order is kept")
    func batches() {
        let many = (0..<1_201).map { Self.record("k", String($0)) }
        let byCount = KinesisClient.batches(of: many)
        #expect(byCount.map(\.count) == [500, 500, 201])
        #expect(byCount.flatMap { $0 } == many)

        let large = KinesisPutRecord(data: Data(count: KinesisClient.maximumRecordBytes - 1), partitionKey: "k")
        #expect(KinesisClient.batches(of: Array(repeating: large, count: 12)).map(\.count) == [5, 5, 2])
    }

    @Test("an answer with another number of results is not taken for success")
    func wrongCount() async throws {
        let aws = try ScriptedAWS([Self.answer([false])])
        let error = await #expect(throws: AWSError.self) {
            try await KinesisClient(aws.client).putRecords(
                stream: "events", records: [Self.record("a", "1"), Self.record("a", "2")])
        }
        guard case .malformedResponse = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("a record that can never be stored is reported before anything is sent")
    func brokenRecords() async throws {
        let broken = [
            Self.record("", "x"), Self.record(String(repeating: "k", count: 257), "x"),
            KinesisPutRecord(data: Data(count: KinesisClient.maximumRecordBytes), partitionKey: "k"),
        ]
        for record in broken {
            let aws = try ScriptedAWS([])
            let error = await #expect(throws: AWSError.self) {
                try await KinesisClient(aws.client).putRecords(stream: "s", records: [Self.record("a", "1"), record])
            }
            #expect(error.map { String(describing: $0).contains("record 1:") } == true)
            #expect(aws.transport.requests.isEmpty)
        }
    }
}
