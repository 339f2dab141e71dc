import Domain
import FoundationEssentials
import FunctionsShared
import FunctionsTestSupport
import LambdaEvents
import LambdaRuntime
import Testing

@testable import Worker

/// Everything around the worker that outlives one of its processes.
final class WorkerWorld: Sendable {
    static let gatewayTimeoutMilliseconds = 30_000
    static let replayWindowSeconds: Double = 23 * 60 * 60

    let events = InMemoryEvents()
    let psp = FakeProvider()
    let queue = InMemoryQueue()
    let clock = ManualClock()
    let identifiers = CountingIDGenerator()
    let log = LogCollector()

    /// One process of the worker.
    func worker(fate: ProcessFate = ProcessFate(), gateway: (any PaymentGateway)? = nil) -> WorkerHandler {
        WorkerHandler(
            processor: processor(fate: fate, gateway: gateway),
            relay: EventRelay(
                unpublished: InMemoryJournal(events), store: store(fate: fate), clock: clock))
    }

    func processor(fate: ProcessFate = ProcessFate(), gateway: (any PaymentGateway)? = nil) -> JobProcessor {
        JobProcessor(
            events: store(fate: fate), gateways: GatewayDirectory(preferred: gateway ?? psp.gateway(fate: fate)),
            clock: clock, gatewayTimeoutMilliseconds: Self.gatewayTimeoutMilliseconds,
            replayWindowSeconds: Self.replayWindowSeconds)
    }

    func store(fate: ProcessFate = ProcessFate()) -> EventStore {
        Fixture.eventStore(events, clock: clock, identifiers: identifiers, fate: fate, logger: log.logger)
    }

    /// A charge that was accepted and its job.
    func accept(_ id: String, amountMinor: Int64 = 1999, paymentMethod: String = "pm_card_visa") async throws
        -> PaymentJob
    {
        let chargeID = ChargeID(rawValue: id)
        try await Fixture.initiate(
            chargeID, amountMinor: amountMinor, paymentMethod: paymentMethod, in: store())
        return PaymentJob(
            id: JobID(rawValue: "job_" + id), kind: .charge, chargeID: chargeID, merchantID: Fixture.merchantID,
            traceID: "1-trace")
    }

    /// A refund that was accepted on a paid charge, and its job.
    func acceptRefund(_ id: String, _ amountMinor: Int64, of charge: String, reason: String? = nil) async throws
        -> PaymentJob
    {
        let chargeID = ChargeID(rawValue: charge)
        let refundID = RefundID(rawValue: id)
        try await Fixture.decide(
            .initiateRefund(
                InitiateRefund(refundID: refundID, amount: try Fixture.euros(amountMinor), reason: reason)),
            on: chargeID, in: store())
        return PaymentJob(
            id: JobID(rawValue: "job_" + id), kind: .refund, chargeID: chargeID, refundID: refundID,
            merchantID: Fixture.merchantID, traceID: "1-trace")
    }

    /// Delivers jobs in one batch; returns the ids of those that failed.
    @discardableResult
    func deliver(
        _ jobs: [PaymentJob], to worker: WorkerHandler? = nil, remainingSeconds: Double? = nil
    ) async throws -> [String] {
        try await deliver(jobs.map { $0.record() }, to: worker, remainingSeconds: remainingSeconds)
    }

    @discardableResult
    func deliver(
        _ records: [SQSEvent.Record], to worker: WorkerHandler? = nil, remainingSeconds: Double? = nil
    ) async throws -> [String] {
        let handler = worker ?? self.worker()
        let response = try await handler.handle(
            SQSEvent(records: records),
            context: Fixture.context(remainingSeconds: remainingSeconds, logger: log.logger))
        return response.batchItemFailures.map(\.itemIdentifier)
    }

    func charge(_ id: String) throws -> Charge {
        try #require(try events.charge(ChargeID(rawValue: id)))
    }
}
