import CurlEventLoop
import LambdaEvents
import LocalEmulator
import Telemetry
import Testing

@testable import LambdaRuntime

private struct Declined: Error {}

@Suite("Batches") struct BatchProcessingTests {
    private func record(_ id: String, group: String?, queue: String = "jobs.fifo") -> SQSEvent.Record {
        SQSEvent.Record(
            messageID: id, receiptHandle: "", body: id, attributes: group.map { ["MessageGroupId": $0] } ?? [:],
            md5OfBody: "", eventSourceARN: "arn:aws:sqs:eu-west-1:1:\(queue)", awsRegion: "eu-west-1")
    }

    @Test("D-17: the first failure of a group fails the rest of it unprocessed; other groups go on")
    func groupOrder() throws {
        let event = SQSEvent(records: [
            record("a1", group: "a"), record("b1", group: "b"), record("a2", group: "a"), record("a3", group: "a"),
            record("b2", group: "b"),
        ])
        let handled = Monitor<[String]>([])
        let response = try EventLoop().run {
            await BatchProcessing.inGroupOrder(event, logger: Logger(sink: { _ in })) { record in
                handled.withLock { $0.append(record.messageID) }
                if record.messageID == "a2" { throw Declined() }
            }
        }
        #expect(response.batchItemFailures.map(\.itemIdentifier) == ["a2", "a3"])
        #expect(handled.read { $0.sorted() } == ["a1", "a2", "b1", "b2"])
    }

    @Test("on a standard queue a group is no order: one failure fails nothing else")
    func standardQueue() throws {
        let event = SQSEvent(records: ["a1", "a2", "a3"].map { record($0, group: "a", queue: "jobs") })
        let response = try EventLoop().run {
            await BatchProcessing.inGroupOrder(event, logger: Logger(sink: { _ in })) { record in
                if record.messageID == "a1" { throw Declined() }
            }
        }
        #expect(response.batchItemFailures.map(\.itemIdentifier) == ["a1"])
    }

    @Test("no more messages are handled at once than allowed, and all of them in the end")
    func concurrency() throws {
        struct Count { var now = 0, most = 0, all = 0 }
        let count = Monitor(Count())
        let event = SQSEvent(records: (0..<20).map { record("\($0)", group: nil, queue: "jobs") })
        let loop = EventLoop()
        _ = try loop.run {
            await BatchProcessing.inGroupOrder(event, maximumConcurrency: 3, logger: Logger(sink: { _ in })) { _ in
                count.withLock {
                    $0.now += 1
                    $0.all += 1
                    $0.most = max($0.most, $0.now)
                }
                await loop.sleep(milliseconds: 1)
                count.withLock { $0.now -= 1 }
            }
        }
        #expect(count.read { $0.most } == 3)
        #expect(count.read { $0.all } == 20)
    }

    @Test("a FIFO batch handler is written as the handling of one message")
    func messageHandler() throws {
        let handler = SQSBatchHandler { record, _ in if record.body == "b" { throw Declined() } }
        let event = SQSEvent(records: ["a", "b", "c"].map { record($0, group: nil) })
        let response = try EventLoop().run { await handler.handle(event, context: Self.context) }
        #expect(response.batchItemFailures.map(\.itemIdentifier) == ["b"])
    }

    @Test("a shard's records are handled in order up to the first failure, and that one is reported")
    func shardOrder() throws {
        let handled = Monitor<[String]>([])
        let handler = KinesisBatchHandler { record, _ in
            handled.withLock { $0.append(record.sequenceNumber) }
            if record.sequenceNumber == "2" { throw Declined() }
        }
        let event = KinesisEvent(
            records: ["1", "2", "3"].map { number in
                KinesisEvent.Record(
                    kinesis: .init(
                        partitionKey: "p", sequenceNumber: number, data: [1], approximateArrivalTimestamp: 1),
                    eventID: "shard:\(number)", eventSourceARN: "arn", awsRegion: "eu-west-1", invokeIdentityARN: "role"
                )
            })
        let response = try EventLoop().run { await handler.handle(event, context: Self.context) }
        #expect(response.batchItemFailures.map(\.itemIdentifier) == ["2"])
        #expect(handled.read { $0 } == ["1", "2"])
    }

    private static let context = LambdaContext(requestID: "r", logger: Logger(sink: { _ in }))
}
