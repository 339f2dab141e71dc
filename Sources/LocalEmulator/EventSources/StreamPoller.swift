import Foundation
import LambdaEvents
import Wire

/// Delivers one shard's records to a function as Lambda's Kinesis event source mapping does.
///
/// A batch that fails blocks its shard: it is tried again from the lowest failed record, split in two when the mapping
/// bisects, and given up only when its retries or its age say so.
// @unchecked: used by the one thread of its poller.
final class StreamPoller: @unchecked Sendable {
    /// AWS polls each shard once per second; here a waiting read returns as soon as there is a record.
    private static let waitMilliseconds = 1_000
    /// AWS does not document its backoff; doubling from here to the maximum keeps a blocked shard from spinning.
    private static let firstBackoffMilliseconds: Int64 = 100
    private static let maximumBackoffMilliseconds: Int64 = 5_000
    /// The pause before a throttled batch is tried again; the pool has waited for a free process before.
    private static let refusalPauseMilliseconds: Int64 = 200

    private struct Segment {
        var records: [KinesisRecord]
        var retries = 0
        var lastError: InvocationResult?
    }

    private let source: StreamSource
    private let shard: String
    private let streams: KinesisService
    private let queues: SQSService
    private let host: FunctionHost
    private let names: LocalNames
    private let onEvent: @Sendable (EventSourceEvent) -> Void
    private var checkpoint: String?

    init(
        source: StreamSource, shard: String, streams: KinesisService, queues: SQSService, host: FunctionHost,
        names: LocalNames, onEvent: @escaping @Sendable (EventSourceEvent) -> Void
    ) {
        self.source = source
        self.shard = shard
        self.streams = streams
        self.queues = queues
        self.host = host
        self.names = names
        self.onEvent = onEvent
        if source.startsAtLatest {
            checkpoint = streams.latestSequenceNumber(stream: source.stream, shard: shard)
        }
    }

    /// Reads the records behind the checkpoint and delivers them until the checkpoint stands behind them.
    func step(_ poller: Poller) {
        let records = streams.records(
            stream: source.stream, shard: shard, afterSequenceNumber: checkpoint, limit: source.batchSize,
            waitMilliseconds: Self.waitMilliseconds)
        guard !records.isEmpty else { return }
        var segments = [Segment(records: records)]
        while !segments.isEmpty && !poller.isStopped {
            do { try deliver(&segments) } catch {
                // The function has not seen the records: no retry is used up.
                report(segments.reduce(0) { $0 + $1.records.count }, "\(error)")
                poller.pause(milliseconds: Self.refusalPauseMilliseconds)
                continue
            }
            if let first = segments.first, first.retries > 0 { poller.pause(milliseconds: backoff(first.retries)) }
        }
    }

    private func backoff(_ retries: Int) -> Int64 {
        min(Self.maximumBackoffMilliseconds, Self.firstBackoffMilliseconds << Int64(min(retries - 1, 10)))
    }

    /// Delivers the first segment, and puts back what of it is to come again.
    ///
    /// - Throws: why the function could not be given the event; the segments are then as they were.
    private func deliver(_ segments: inout [Segment]) throws {
        var segment = segments.removeFirst()
        discardExpired(&segment)
        guard !segment.records.isEmpty else { return }
        let result: InvocationResult
        do { result = try invoke(segment.records) } catch {
            segments.insert(segment, at: 0)
            throw error
        }
        let outcome = BatchOutcome(
            result, reportsItemFailures: source.reportsItemFailures,
            identifiers: Set(segment.records.map(\.sequenceNumber)))
        switch outcome {
        case .allSucceeded: checkpoint = segment.records.last?.sequenceNumber
        case .failed(let identifiers):
            // Everything before the lowest failed record is done, also when later ones succeeded.
            let index = segment.records.firstIndex { identifiers.contains($0.sequenceNumber) } ?? 0
            if index > 0 { checkpoint = segment.records[index - 1].sequenceNumber }
            report(segment.records.count - index, "reported by the function")
            retry(Segment(records: Array(segment.records[index...]), retries: segment.retries), nil, &segments)
        case .wholeBatchFailed(let reason):
            report(segment.records.count, reason)
            if source.bisectsOnError && segment.records.count > 1 {
                // Splitting does not count as a retry.
                let middle = segment.records.count / 2
                segments.insert(Segment(records: Array(segment.records[middle...]), retries: segment.retries), at: 0)
                segments.insert(Segment(records: Array(segment.records[..<middle]), retries: segment.retries), at: 0)
            } else {
                retry(segment, result, &segments)
            }
        }
    }

    private func retry(_ segment: Segment, _ result: InvocationResult?, _ segments: inout [Segment]) {
        var segment = segment
        segment.lastError = result
        if source.maximumRetryAttempts >= 0 && segment.retries >= source.maximumRetryAttempts {
            discard(segment, "RetryAttemptsExhausted")
        } else {
            segment.retries += 1
            segments.insert(segment, at: 0)
        }
    }

    private func discardExpired(_ segment: inout Segment) {
        guard source.maximumRecordAgeSeconds >= 0 else { return }
        let oldest = EmulatorClock.nowMilliseconds() - Int64(source.maximumRecordAgeSeconds) * 1000
        let expired = segment.records.prefix { $0.approximateArrivalMilliseconds < oldest }
        guard !expired.isEmpty else { return }
        discard(Segment(records: Array(expired), retries: segment.retries), "RecordAgeExceeded")
        segment.records.removeFirst(expired.count)
    }

    private func discard(_ segment: Segment, _ condition: String) {
        checkpoint = segment.records.last?.sequenceNumber
        onEvent(
            .recordsDiscarded(
                function: source.function, source: source.stream, records: segment.records.count, condition: condition))
        guard let queue = source.onFailureQueue else { return }
        _ = try? queues.send(queue: queue, body: failureDocument(segment, condition).text)
    }

    private func report(_ count: Int, _ reason: String) {
        onEvent(.batchFailed(function: source.function, source: source.stream, records: count, reason: reason))
    }

    private func invoke(_ records: [KinesisRecord]) throws -> InvocationResult {
        let event = KinesisEvent(
            records: records.map { record in
                KinesisEvent.Record(
                    kinesis: .init(
                        partitionKey: record.partitionKey, sequenceNumber: record.sequenceNumber,
                        data: Bytes(record.data),
                        approximateArrivalTimestamp: Double(record.approximateArrivalMilliseconds) / 1000),
                    eventID: "\(shard):\(record.sequenceNumber)",
                    eventSourceARN: streams.arn(ofStream: source.stream), awsRegion: names.account.region,
                    invokeIdentityARN: "arn:aws:iam::\(names.account.id):role/\(source.function)")
            })
        return try host.invoke(source.function, InvocationRequest(payload: Data(event.lambdaPayload())))
    }

    /// What the failure destination gets: where the records are, never the records themselves.
    private func failureDocument(_ segment: Segment, _ condition: String) -> JSONValue {
        func time(_ milliseconds: Int64?) -> JSONValue {
            let date = Date(timeIntervalSince1970: Double(milliseconds ?? 0) / 1000)
            return .string(date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
        }
        var document: JSONValue = [
            "version": "1.0", "timestamp": time(EmulatorClock.nowMilliseconds()),
            "requestContext": [
                "requestId": .string(segment.lastError?.requestID ?? UUID().uuidString.lowercased()),
                "functionArn": .string(names.functionARN(source.function)), "condition": .string(condition),
                "approximateInvokeCount": .integer(Int64(segment.retries + 1)),
            ],
            "KinesisBatchInfo": [
                "shardId": .string(shard), "streamArn": .string(streams.arn(ofStream: source.stream)),
                "startSequenceNumber": .string(segment.records.first?.sequenceNumber ?? ""),
                "endSequenceNumber": .string(segment.records.last?.sequenceNumber ?? ""),
                "approximateArrivalOfFirstRecord": time(segment.records.first?.approximateArrivalMilliseconds),
                "approximateArrivalOfLastRecord": time(segment.records.last?.approximateArrivalMilliseconds),
                "batchSize": .integer(Int64(segment.records.count)),
            ],
        ]
        if condition != "RecordAgeExceeded" {
            document["responseContext"] = [
                "statusCode": 200, "executedVersion": "$LATEST",
                "functionError": segment.lastError?.functionError.map { .string($0) } ?? .null,
            ]
        }
        return document
    }
}
