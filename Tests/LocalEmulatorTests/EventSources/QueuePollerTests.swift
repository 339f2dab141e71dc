import Foundation
import Testing

@testable import LocalEmulator

@Suite("SQS event source") struct QueuePollerTests {
    private func source(_ queue: String, reports: Bool = true) -> QueueSource {
        QueueSource(function: "F", queue: queue, batchSize: 10, reportsItemFailures: reports, maximumConcurrency: 1)
    }

    @Test("what succeeds is deleted, what is reported comes back after its visibility timeout")
    func partialFailure() throws {
        let rig = try SourceRig(
            """
            note([[r['body'], r['attributes']['ApproximateReceiveCount']] for r in event['Records']])
            bad = [r for r in event['Records'] if r['body'] == 'bad' and r['attributes']['ApproximateReceiveCount'] == '1']
            return {'batchItemFailures': [{'itemIdentifier': r['messageId']} for r in bad]}
            """)
        defer { rig.stop() }
        _ = try rig.queues.createQueue(name: "q", attributes: ["VisibilityTimeout": "1"])
        try rig.queues.send(queue: "q", body: "good")
        try rig.queues.send(queue: "q", body: "bad")
        rig.start { $0.queueSources = [source("q")] }
        let history = rig.waitForHistory { $0.joinedText.contains("[\"bad\",\"2\"]") }
        #expect(history.joinedText.components(separatedBy: "\"good\"").count == 2, "good was delivered again")
        #expect(history.joinedText.contains("[\"bad\",\"2\"]"))
    }

    @Test("D-17: a poison message goes to the dead-letter queue after its last receive, and the group moves on")
    func poison() throws {
        let rig = try SourceRig(
            """
            note([r['body'] for r in event['Records']])
            if event['Records'][0]['body'] == 'poison': raise SystemExit(1)
            """)
        defer { rig.stop() }
        _ = try rig.queues.createQueue(name: "dead.fifo", attributes: ["FifoQueue": "true"])
        let redrive = "{\"deadLetterTargetArn\":\"\(rig.queues.arn(ofQueue: "dead.fifo"))\",\"maxReceiveCount\":2}"
        _ = try rig.queues.createQueue(
            name: "q.fifo", attributes: ["FifoQueue": "true", "VisibilityTimeout": "1", "RedrivePolicy": redrive])
        for body in ["poison", "after"] {
            try rig.queues.send(queue: "q.fifo", body: body, messageGroupID: "g", messageDeduplicationID: body)
        }
        rig.start {
            $0.queueSources = [
                QueueSource(function: "F", queue: "q.fifo", batchSize: 1, reportsItemFailures: true)
            ]
        }
        let history = rig.waitForHistory { $0.last == ["after"] }
        #expect(history == [["poison"], ["poison"], ["after"]])
        #expect(rig.queues.messages(queue: "dead.fifo").map(\.body) == ["poison"])
    }

    @Test("an answer that would let AWS delete a message behind a failed one of its group is flagged")
    func orderViolation() throws {
        let rig = try SourceRig("return {'batchItemFailures': [{'itemIdentifier': event['Records'][0]['messageId']}]}")
        defer { rig.stop() }
        _ = try rig.queues.createQueue(name: "q.fifo", attributes: ["FifoQueue": "true"])
        for body in ["1", "2"] {
            try rig.queues.send(queue: "q.fifo", body: body, messageGroupID: "g", messageDeduplicationID: body)
        }
        rig.start { $0.queueSources = [source("q.fifo")] }
        #expect(rig.waitForEvent(.orderViolated(function: "F", source: "q.fifo", messageGroup: "g")))
    }
}

@Suite("Kinesis event source") struct StreamPollerTests {
    private func source(retries: Int = -1, bisects: Bool = false, queue: String? = nil, reports: Bool = true)
        -> StreamSource
    {
        StreamSource(
            function: "F", stream: "s", batchSize: 100, startsAtLatest: false, reportsItemFailures: reports,
            bisectsOnError: bisects, maximumRetryAttempts: retries, maximumRecordAgeSeconds: -1, onFailureQueue: queue)
    }

    private func put(_ rig: SourceRig, _ data: [String]) throws {
        _ = try rig.streams.createStream(name: "s", shardCount: 1)
        for text in data { try rig.streams.putRecord(stream: "s", data: Data(text.utf8), partitionKey: "k") }
    }

    @Test("everything from the lowest reported record on is delivered again, also what had succeeded behind it")
    func lowestFailure() throws {
        let rig = try SourceRig(
            """
            note([data(r) for r in event['Records']])
            failed = [r for r in event['Records'] if data(r) in ('b', 'd')] if len(event['Records']) == 4 else []
            return {'batchItemFailures': [{'itemIdentifier': r['kinesis']['sequenceNumber']} for r in reversed(failed)]}
            """)
        defer { rig.stop() }
        try put(rig, ["a", "b", "c", "d"])
        rig.start { $0.streamSources = [source()] }
        let history = rig.waitForHistory { $0.count >= 2 }
        #expect(history == [["a", "b", "c", "d"], ["b", "c", "d"]])
    }

    @Test("bisecting isolates a poison record; what is given up is reported, and the shard moves on")
    func bisect() throws {
        let rig = try SourceRig(
            """
            records = [data(r) for r in event['Records']]
            note(records)
            if 'poison' in records: raise SystemExit(1)
            """)
        defer { rig.stop() }
        _ = try rig.queues.createQueue(name: "failed")
        try put(rig, ["a", "b", "poison", "c"])
        rig.start { $0.streamSources = [source(retries: 1, bisects: true, queue: "failed")] }
        let history = rig.waitForHistory { $0.last == ["c"] }
        #expect(
            history == [["a", "b", "poison", "c"], ["a", "b"], ["poison", "c"], ["poison"], ["poison"], ["c"]])
        let message = try #require(rig.queues.messages(queue: "failed").first)
        let document = try JSONValue(parsing: Data(message.body.utf8))
        #expect(document["requestContext"]?["condition"] == "RetryAttemptsExhausted")
        #expect(document["requestContext"]?["approximateInvokeCount"] == 2)
        #expect(document["requestContext"]?["functionArn"] == "arn:aws:lambda:eu-west-1:000000000000:function:F")
        #expect(document["KinesisBatchInfo"]?["batchSize"] == 1)
        #expect(document["responseContext"]?["functionError"] == "Unhandled")
        #expect(!message.body.contains("poison"), "the failure document carries no payload")
    }

    @Test("a failing batch blocks its shard until it succeeds; no order is lost")
    func blocking() throws {
        let rig = try SourceRig(
            """
            import pathlib
            note([data(r) for r in event['Records']])
            if len(open(os.environ['HISTORY']).readlines()) < 3: raise SystemExit(1)
            """)
        defer { rig.stop() }
        try put(rig, ["a", "b"])
        rig.start { $0.streamSources = [source(reports: false)] }
        let history = rig.waitForHistory { $0.count >= 3 }
        #expect(history == [["a", "b"], ["a", "b"], ["a", "b"]])
    }
}

extension [JSONValue] {
    fileprivate var joinedText: String { map(\.text).joined(separator: "\n") }
}
