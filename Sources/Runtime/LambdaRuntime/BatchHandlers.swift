import LambdaEvents
import Telemetry

/// A function fed by an SQS queue, written as the handling of one message.
///
/// Answers with a partial batch response (`ReportBatchItemFailures` must be on): what failed comes again, what succeeded
/// is deleted. The order inside a FIFO message group is kept.
public struct SQSBatchHandler: LambdaHandler {
    private let handleRecord: @Sendable (SQSEvent.Record, LambdaContext) async throws -> Void

    /// A function that handles each message so; an error reports that message.
    public init(_ handleRecord: @escaping @Sendable (SQSEvent.Record, LambdaContext) async throws -> Void) {
        self.handleRecord = handleRecord
    }

    public func handle(_ event: SQSEvent, context: LambdaContext) async -> BatchResponse {
        await BatchProcessing.inGroupOrder(event, logger: context.logger) { record in
            try await handleRecord(record, context)
        }
    }
}

/// A function fed by a Kinesis shard, written as the handling of one record.
///
/// Records are handled in the order of the shard. The first failure ends the batch, because Lambda delivers everything
/// from the reported record on again.
public struct KinesisBatchHandler: LambdaHandler {
    private let handleRecord: @Sendable (KinesisEvent.Record, LambdaContext) async throws -> Void

    /// A function that handles each record so; an error reports that record.
    public init(_ handleRecord: @escaping @Sendable (KinesisEvent.Record, LambdaContext) async throws -> Void) {
        self.handleRecord = handleRecord
    }

    public func handle(_ event: KinesisEvent, context: LambdaContext) async -> BatchResponse {
        await BatchProcessing.inShardOrder(event, logger: context.logger) { record in
            try await handleRecord(record, context)
        }
    }
}
