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
    /// Handles a FIFO batch: different message groups concurrently, the messages of one group in order.
    ///
    /// The first failure of a group fails every later message of it unprocessed, because Lambda deletes whatever is
    /// not reported and would so overtake the failed one. A message without a group is a group of its own.
    public static func inGroupOrder(
        _ event: SQSEvent, logger: Logger,
        handle: @escaping @Sendable (SQSEvent.Record) async throws -> Void
    ) async -> BatchResponse {
        let groups = Dictionary(grouping: event.records) { $0.messageGroupID ?? "message:" + $0.messageID }
        let failed = await withTaskGroup(of: ArraySlice<SQSEvent.Record>.self) { tasks in
            for records in groups.values {
                tasks.addTask { await firstFailureAndRest(records, logger, handle) }
            }
            return await tasks.reduce(into: Set<String>()) { $0.formUnion($1.map(\.messageID)) }
        }
        var failures = BatchFailures()
        for record in event.records where failed.contains(record.messageID) { failures.add(record) }
        return failures.response
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
        _ records: [SQSEvent.Record], _ logger: Logger, _ handle: @Sendable (SQSEvent.Record) async throws -> Void
    ) async -> ArraySlice<SQSEvent.Record> {
        for (index, record) in records.enumerated() {
            do {
                try await handle(record)
            } catch {
                log(
                    error,
                    [
                        "message_id": .identifier(record.messageID),
                        "receive_count": .integer(record.approximateReceiveCount),
                    ], logger)
                return records[index...]
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
