import Domain
import FoundationEssentials
import FunctionsShared
import LambdaEvents
import LambdaRuntime
import Telemetry

/// Does the jobs of the queue: the one place that asks a PSP to move money.
///
/// The jobs of one charge are done in order, those of different charges at the same time. A job that fails is reported
/// together with all later ones of its charge, and comes again.
struct WorkerHandler: LambdaHandler {
    private let processor: JobProcessor
    private let relay: EventRelay

    /// - Parameter relay: repairs what crashes of any function left unpublished; the worker carries it because it is
    ///   called whenever there is traffic and nobody waits for its answer.
    init(processor: JobProcessor, relay: EventRelay) {
        self.processor = processor
        self.relay = relay
    }

    func handle(_ event: SQSEvent, context: LambdaContext) async throws -> BatchResponse {
        let response = await work(event, context)
        await relay.lookIfDue(logger: context.logger)
        return response
    }

    private func work(_ event: SQSEvent, _ context: LambdaContext) async -> BatchResponse {
        await BatchProcessing.inGroupOrder(event, logger: context.logger) { record in
            let job = try Self.job(in: record)
            let logger = context.logger.with([
                "trace_id": .string(job.traceID), "charge_id": .string(job.chargeID.rawValue),
                "job_id": .string(job.id.rawValue), "job_type": .string(job.kind.rawValue),
            ])
            try await processor.process(
                job, isRepetition: record.approximateReceiveCount > 1,
                remainingMilliseconds: context.remainingMilliseconds, logger: logger)
        }
    }

    private static func job(in record: SQSEvent.Record) throws(JobFailure) -> PaymentJob {
        do {
            return try JSONDecoder().decode(PaymentJob.self, from: Data(record.body.utf8))
        } catch {
            // The body may be anything; what is wrong with it is not told in its own words.
            throw .notAJob("its body is not a job of a known type")
        }
    }
}
