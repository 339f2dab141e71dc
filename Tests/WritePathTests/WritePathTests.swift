import Domain
import FoundationEssentials
import FunctionsShared
import FunctionsTestSupport
import LambdaCodable
import LambdaEvents
import Testing

@testable import PaymentService
@testable import Webhook
@testable import Worker

/// The functions of the write path over one shared world: a merchant that retries, a queue that delivers again, a PSP
/// that sends webhooks, and processes that die anywhere.
private final class World: Sendable {
    static let leaseSeconds: Double = 30

    let events = InMemoryEvents()
    let records = InMemoryRecordStore()
    let queue = InMemoryQueue()
    let psp = FakeProvider()
    let clock = ManualClock()
    let identifiers = CountingIDGenerator()
    let log = LogCollector()

    func store(_ fate: ProcessFate) -> EventStore {
        Fixture.eventStore(events, clock: clock, identifiers: identifiers, fate: fate, logger: log.logger)
    }

    func paymentService(_ fate: ProcessFate) -> PaymentServiceHandler {
        PaymentServiceHandler(
            ports: PaymentServiceHandler.Ports(
                apiKeys: FixedAPIKeys([Fixture.apiKey: Fixture.merchantID]), events: store(fate),
                idempotency: IdempotencyStore(
                    records: InMemoryIdempotencyRecords(records, fate: fate), cache: InMemoryResponseCache(),
                    clock: clock, identifiers: identifiers, leaseMilliseconds: Int(Self.leaseSeconds * 1000)),
                fingerprints: Fixture.fingerprints,
                jobs: queue.sender(fate: fate), risk: ScriptedRiskAssessor(fate: fate),
                readStore: ScriptedReadStore(), refundDirectory: InMemoryRefundDirectory(records, fate: fate),
                identifiers: identifiers),
            riskUnavailablePolicy: .failClosed)
    }

    /// One request; a process that died answers nothing.
    func post(_ path: String, _ body: String, key: String, _ fate: ProcessFate) async throws -> ALBResponse? {
        let request = Fixture.request(
            "POST", path, body: body,
            headers: ["authorization": "Bearer " + Fixture.apiKey, "idempotency-key": key])
        let response = try await paymentService(fate).handle(request, context: Fixture.context(logger: log.logger))
        return fate.hasCrashed ? nil : response
    }

    /// Delivers what is in the queue once; what a dead process did not delete stays.
    func work(_ fate: ProcessFate) async throws {
        let store = store(fate)
        let worker = WorkerHandler(
            processor: JobProcessor(
                events: store, gateways: GatewayDirectory(preferred: psp.gateway(fate: fate)), clock: clock,
                gatewayTimeoutMilliseconds: 30_000, replayWindowSeconds: StripeGateway.replayWindowSeconds),
            relay: EventRelay(unpublished: InMemoryJournal(events, fate: fate), store: store, clock: clock))
        let jobs = queue.jobs
        let response = try await worker.handle(
            SQSEvent(records: jobs.map { $0.record() }), context: Fixture.context(logger: log.logger))
        guard !fate.hasCrashed else { return }
        let failed = Set(response.batchItemFailures.map(\.itemIdentifier))
        queue.delete(Set(jobs.map(\.id).filter { !failed.contains($0.rawValue) }))
    }
}

@Suite("The write path as a whole")
struct WritePathTests {
    private static let chargeBody = #"{"amount":1999,"currency":"EUR","payment_method":"pm_lost"}"#

    /// A merchant that asks for a charge and a refund, and repeats every request until it is answered.
    ///
    /// - Parameter fates: the process of each step; when there are no more, processes live for ever.
    /// - Returns: the answers' bytes.
    private static func run(_ world: World, fates: [ProcessFate]) async throws -> (charge: String, refund: String) {
        var fates = fates[...]
        func next() -> ProcessFate { fates.popFirst() ?? ProcessFate() }
        func repeated(_ path: String, _ body: String, key: String) async throws -> String {
            for _ in 0..<5 {
                if let response = try await world.post(path, body, key: key, next()), response.statusCode == 202 {
                    return response.body ?? ""
                }
                world.clock.advance(seconds: World.leaseSeconds)
            }
            Issue.record("no answer to \(path) after five tries")
            return ""
        }
        func drain() async throws {
            for _ in 0..<6 where !world.queue.jobs.isEmpty { try await world.work(next()) }
            #expect(world.queue.jobs.isEmpty)
        }
        let charge = try await repeated("/v1/charges", chargeBody, key: "charge")
        try await drain()
        let id = try #require(JSON(parsing: Data(charge.utf8))?["id"]?.text)
        let refund = try await repeated(
            "/v1/refunds", #"{"charge_id":"\#(id)","amount":500}"#, key: "refund")
        try await drain()
        return (charge, refund)
    }

    /// What must hold however the run went.
    private static func audit(_ world: World, _ place: String) throws {
        let ids = world.events.chargeIDs
        #expect(ids.count == 1, "\(place): one charge")
        let id = try #require(ids.first)
        let charge = try #require(try world.events.charge(id))
        #expect(charge.status == .succeeded, "\(place)")
        #expect(charge.refundedMinor == 500, "\(place)")
        #expect(charge.refundReservedMinor == 0, "\(place)")
        #expect(world.psp.totalChargeCount == 1, "\(place): exactly one charge at the PSP")
        #expect(charge.refunds.count == 1, "\(place)")
        let refund = try #require(charge.refunds.first)
        #expect(world.psp.refundCount(refund.id) == 1, "\(place): exactly one refund at the PSP")
        #expect(Set(world.psp.keys).count == 2, "\(place): one key for each operation")
        let versions = Set(world.events.published.map(\.envelope.version))
        #expect(versions == Set(1...charge.version), "\(place): the stream carries every event")
    }

    @Test("D-01, D-18: one process dies at any of its steps; everything converges to one charge and one refund")
    func oneCrashAnywhere() async throws {
        var crashes = 0
        for process in 0..<5 {
            for moment in ProcessFate.Moment.allCases {
                var step = 0
                while true {
                    let world = World()
                    world.psp.when("pm_lost", .commitThenLoseAnswers(1))
                    let dying = ProcessFate(crashAtStep: step, moment: moment)
                    let fates = (0..<process).map { _ in ProcessFate() } + [dying]
                    _ = try await Self.run(world, fates: fates)
                    guard dying.hasCrashed else { break }
                    try Self.audit(world, "process \(process) step \(step) (\(dying.steps.last ?? "")) \(moment)")
                    crashes += 1
                    step += 1
                }
            }
        }
        #expect(crashes > 60, "the crashes covered API, worker and refund: \(crashes)")
    }

    @Test("D-01, D-18: the process and its successor both die; everything still converges")
    func twoCrashes() async throws {
        for first in 0..<9 {
            for second in 0..<9 {
                for process in 0..<3 {
                    let world = World()
                    world.psp.when("pm_lost", .commitThenLoseAnswers(1))
                    let fates =
                        (0..<process).map { _ in ProcessFate() } + [
                            ProcessFate(crashAtStep: first, moment: .afterEffect),
                            ProcessFate(crashAtStep: second, moment: .beforeEffect),
                        ]
                    _ = try await Self.run(world, fates: fates)
                    try Self.audit(world, "process \(process) steps \(first), \(second)")
                }
            }
        }
    }

    @Test("the answers of an undisturbed run are repeated byte for byte after everything has happened")
    func replay() async throws {
        let world = World()
        let answers = try await Self.run(world, fates: [])
        let again = try await Self.run(world, fates: [])
        #expect(answers == again)
        try Self.audit(world, "replay")
    }

    @Test("a webhook may arrive between any two steps of the worker and its redelivery")
    func webhookInBetween() async throws {
        for step in 0..<10 {
            let world = World()
            world.psp.when("pm_lost", .commitThenLoseAnswers(1))
            _ = try await world.post("/v1/charges", Self.chargeBody, key: "charge", ProcessFate())
            try await world.work(ProcessFate(crashAtStep: step, moment: .afterEffect))
            let id = try #require(world.events.chargeIDs.first)
            try await Self.deliverWebhook(world, id)
            for _ in 0..<3 where !world.queue.jobs.isEmpty { try await world.work(ProcessFate()) }
            #expect(world.queue.jobs.isEmpty)
            #expect(try world.events.charge(id)?.status == .succeeded)
            #expect(world.psp.totalChargeCount == 1)
            #expect(world.events.types(id).filter { $0 == "ChargeSucceeded" }.count == 1)
        }
    }

    /// What the PSP sends about a charge it knows; nothing about one it does not.
    private static func deliverWebhook(_ world: World, _ id: ChargeID) async throws {
        let key = ProviderIdempotencyKey.charge(id, attempt: 1)
        guard case .succeeded(let evidence) = world.psp.outcome(forKey: key) else { return }
        let body =
            #"{"id":"evt_1","object":"event","type":"payment_intent.succeeded","data":{"object":{"id":"#
            + #""\#(evidence.reference)","object":"payment_intent","status":"succeeded","amount":1999,"#
            + #""amount_received":1999,"currency":"eur","metadata":{"charge_id":"\#(id)"}}}}"#
        let secrets = ScriptedSecrets(#"{"api_key":"sk","webhook_secrets":["whsec_1"]}"#)
        let handler = WebhookHandler(
            receiver: StripeWebhookReceiver(secrets: secrets, secretID: "stripe", clock: world.clock),
            events: world.store(ProcessFate()), clock: world.clock, identifiers: world.identifiers)
        let signature = StripeWebhookVerifier.header(
            body: Data(body.utf8), secret: "whsec_1", timestamp: Int64(world.clock.now().timeIntervalSince1970))
        let request = Fixture.request(
            "POST", WebhookHandler.stripePath, body: body, headers: ["stripe-signature": signature])
        #expect(try await handler.handle(request, context: Fixture.context()).statusCode == 200)
    }
}
