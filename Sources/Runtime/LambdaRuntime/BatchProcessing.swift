import LambdaEvents
import Telemetry

/// The records of one batch that failed, named only by records that are in it.
public struct BatchFailures: Sendable {
    private var identifiers: [String] = []
    private var known: Set<String> = []

    /// No failures yet.
    public init() {}

    /// Reports a message for another delivery.
    public mutating func add(_ record: SQSEvent.Record) {
        add(record.messageID)
    }

    /// Reports a record; Kinesis delivers everything from the lowest reported one on again.
    public mutating func add(_ record: KinesisEvent.Record) {
        add(record.sequenceNumber)
    }

    /// Whether nothing failed.
    public var isEmpty: Bool { identifiers.isEmpty }

    /// The partial batch response.
    public var response: BatchResponse { BatchResponse(failedIdentifiers: identifiers) }

    private mutating func add(_ identifier: String) {
        if known.insert(identifier).inserted { identifiers.append(identifier) }
    }
}

/// Ways through a batch.
public enum BatchProcessing {
    /// How many messages of a batch are handled at once, unless said otherwise: a standard queue's batch may hold 10 000.
    public static let defaultMaximumConcurrency = 100

    /// Handles a queue's batch: of a FIFO queue the messages of one group in order and different groups concurrently, of
    /// a standard queue every message for itself.
    ///
    /// The first failure of a FIFO group fails every later message of it unprocessed, because Lambda deletes whatever is
    /// not reported and would so overtake the failed one.
    public static func inGroupOrder(
        _ event: SQSEvent, maximumConcurrency: Int = defaultMaximumConcurrency, logger: Logger,
        handle: @escaping @Sendable (SQSEvent.Record) async throws -> Void
    ) async -> BatchResponse {
        let records = event.records
        var runs = orderedRuns(records)[...]
        let failed = await withTaskGroup(of: ArraySlice<Int>.self) { tasks in
            func startNext() {
                guard let run = runs.popFirst() else { return }
                tasks.addTask { await firstFailureAndRest(run, records, logger, handle) }
            }
            for _ in 0..<max(1, maximumConcurrency) { startNext() }
            var failed: Set<Int> = []
            for await indices in tasks {
                failed.formUnion(indices)
                startNext()
            }
            return failed
        }
        var failures = BatchFailures()
        for index in failed.sorted() { failures.add(records[index]) }
        return failures.response
    }

    /// The indices of the messages that must be handled one after the other, in the order of their first.
    private static func orderedRuns(_ records: [SQSEvent.Record]) -> [[Int]] {
        var runs: [[Int]] = []
        var places: [String: Int] = [:]
        for (index, record) in records.enumerated() {
            // On a standard queue a group means fairness between senders, not order.
            guard let group = record.messageGroupID, record.isOrdered else {
                runs.append([index])
                continue
            }
            if let place = places[group] {
                runs[place].append(index)
            } else {
                places[group] = runs.count
                runs.append([index])
            }
        }
        return runs
    }

    /// Handles a batch of one shard in order, up to its first failure: Lambda delivers that record and all after it
    /// again.
    public static func inShardOrder(
        _ event: KinesisEvent, logger: Logger, handle: (KinesisEvent.Record) async throws -> Void
    ) async -> BatchResponse {
        var failures = BatchFailures()
        for record in event.records {
            do {
                try await handle(record)
            } catch {
                log(error, ["sequence_number": .identifier(record.sequenceNumber)], logger)
                failures.add(record)
                break
            }
        }
        return failures.response
    }

    private static func firstFailureAndRest(
        _ run: [Int], _ records: [SQSEvent.Record], _ logger: Logger,
        _ handle: @Sendable (SQSEvent.Record) async throws -> Void
    ) async -> ArraySlice<Int> {
        for (position, index) in run.enumerated() {
            do {
                try await handle(records[index])
            } catch {
                let identity: [String: LogValue] = [
                    "message_id": .identifier(records[index].messageID),
                    "receive_count": .integer(records[index].approximateReceiveCount),
                ]
                log(error, identity, logger)
                return run[position...]
            }
        }
        return []
    }

    private static func log(_ error: any Error, _ identity: [String: LogValue], _ logger: Logger) {
        let report = ErrorReport(error, fallbackType: "Function.RecordFailed")
        logger.with(identity).error(
            "record failed", ["error_type": .string(report.errorType), "error": .string(report.errorMessage)])
    }
}

extension SQSEvent.Record {
    /// Whether the message came from a FIFO queue: their names end in `.fifo`, and only their messages are numbered.
    var isOrdered: Bool { eventSourceARN.hasSuffix(".fifo") || attributes["SequenceNumber"] != nil }
}
