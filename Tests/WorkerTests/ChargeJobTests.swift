import Domain
import FoundationEssentials
import FunctionsShared
import FunctionsTestSupport
import Testing

@testable import Worker

@Suite("Charge jobs")
struct ChargeJobTests {
    private let world = WorkerWorld()

    @Test("a charge goes to the PSP and succeeds")
    func success() async throws {
        let job = try await world.accept("ch_1")
        #expect(try await world.deliver([job]).isEmpty)
        let charge = try world.charge("ch_1")
        #expect(charge.status == .succeeded)
        #expect(charge.capturedMinor == 1999)
        #expect(charge.providerReference == "pi_ch_1:charge:1")
        #expect(
            world.events.types(charge.id) == [
                "ChargeInitiated", "RiskAssessed", "ChargeProcessingStarted", "ChargeSucceeded",
            ])
    }

    @Test("that an attempt begins is appended and published before the PSP is asked")
    func startsBeforeAsking() async throws {
        let job = try await world.accept("ch_1")
        let fate = ProcessFate()
        try await world.deliver([job], to: world.worker(fate: fate))
        let append = try #require(fate.steps.firstIndex(of: "journal.append"))
        let ask = try #require(fate.steps.firstIndex(of: "psp.charge"))
        #expect(append < ask)
    }

    @Test("D-09: a refusal is final; the job is done and a later one does nothing")
    func declined() async throws {
        world.psp.when("pm_card_visa", .decline("insufficient_funds"))
        let job = try await world.accept("ch_1")
        #expect(try await world.deliver([job]).isEmpty)
        let charge = try world.charge("ch_1")
        #expect(charge.status == .failed)
        #expect(charge.failure?.declineCode == "insufficient_funds")
        world.psp.when("pm_card_visa", .succeed)
        #expect(try await world.deliver([job]).isEmpty)
        #expect(try world.charge("ch_1").status == .failed)
        #expect(world.psp.keys.count == 1)
    }

    @Test("a customer action and an answer that comes later end the job; the webhook goes on")
    func laterOutcomes() async throws {
        world.psp.when("pm_3ds", .requireAction)
        world.psp.when("pm_slow", .pend)
        let jobs = [
            try await world.accept("ch_1", paymentMethod: "pm_3ds"),
            try await world.accept("ch_2", paymentMethod: "pm_slow"),
        ]
        #expect(try await world.deliver(jobs).isEmpty)
        #expect(try world.charge("ch_1").status == .requiresAction)
        #expect(try world.charge("ch_2").status == .processing)
        #expect(try world.charge("ch_2").providerReference == "pi_ch_2:charge:1")
    }

    @Test("D-02: a lost answer is recorded as unknown, the record fails, and the same key establishes the outcome")
    func lostAnswer() async throws {
        world.psp.when("pm_card_visa", .commitThenLoseAnswers(2))
        let job = try await world.accept("ch_1")
        #expect(try await world.deliver([job]) == ["job_ch_1"])
        #expect(try world.charge("ch_1").status == .unknown)
        #expect(try await world.deliver([job]) == ["job_ch_1"])
        #expect(
            world.events.types(ChargeID(rawValue: "ch_1")).filter { $0 == "ChargeOutcomeUnknown" }.count == 1)
        #expect(try await world.deliver([job]).isEmpty)
        #expect(try world.charge("ch_1").status == .succeeded)
        #expect(world.psp.chargeCount(ChargeID(rawValue: "ch_1")) == 1)
        #expect(Set(world.psp.keys) == ["ch_1:charge:1"], "D-01: every retry carries the key of the attempt")
    }

    @Test("what the PSP certainly did not see is tried again later under the same key")
    func notAttempted() async throws {
        world.psp.when("pm_card_visa", .notAttempted(1))
        let job = try await world.accept("ch_1")
        #expect(try await world.deliver([job]) == ["job_ch_1"])
        #expect(try world.charge("ch_1").status == .processing)
        #expect(try await world.deliver([job]).isEmpty)
        #expect(try world.charge("ch_1").status == .succeeded)
        #expect(world.psp.keys == ["ch_1:charge:1"])
    }

    @Test("D-23: a success over another amount is quarantined, not booked, and not tried again")
    func wrongAmount() async throws {
        world.psp.when("pm_card_visa", .wrongAmount(1))
        let job = try await world.accept("ch_1")
        #expect(try await world.deliver([job]).isEmpty)
        let charge = try world.charge("ch_1")
        #expect(charge.quarantined)
        #expect(charge.status == .processing)
        #expect(charge.capturedMinor == 0)
        #expect(try await world.deliver([job]).isEmpty)
        #expect(world.psp.keys.count == 1)
        #expect(world.log.lines.contains { $0.contains("quarantined") })
    }

    @Test("D-19: a job that comes again after the end, or after a webhook was faster, does nothing")
    func staleJob() async throws {
        let job = try await world.accept("ch_1")
        try await world.deliver([job])
        let version = try world.charge("ch_1").version
        #expect(try await world.deliver([job, job]).isEmpty)
        #expect(try world.charge("ch_1").version == version)
        #expect(world.psp.keys.count == 1)
    }

    @Test("D-19: a webhook that establishes the outcome while the PSP's answer is lost makes the job done")
    func webhookWasFaster() async throws {
        world.psp.when("pm_card_visa", .commitThenLoseAnswers(9))
        let job = try await world.accept("ch_1")
        #expect(try await world.deliver([job]) == ["job_ch_1"])
        let outcome = try #require(world.psp.outcome(forKey: "ch_1:charge:1"))
        try await Fixture.decide(
            .recordChargeOutcome(outcome, attempt: 1, evidence: .webhook), on: ChargeID(rawValue: "ch_1"),
            in: world.store())
        #expect(try await world.deliver([job]).isEmpty)
        #expect(world.psp.keys.count == 1)
        #expect(try world.charge("ch_1").status == .succeeded)
    }

    @Test("D-19: a webhook that arrives while the PSP's answer is being lost ends the job at once")
    func webhookDuringTheCall() async throws {
        world.psp.when("pm_card_visa", .commitThenLoseAnswers(9))
        let job = try await world.accept("ch_1")
        let world = self.world
        let gateway = OvertakenGateway(base: world.psp.gateway()) {
            guard let outcome = world.psp.outcome(forKey: "ch_1:charge:1") else { return }
            _ = try? await Fixture.decide(
                .recordChargeOutcome(outcome, attempt: 1, evidence: .webhook), on: job.chargeID, in: world.store())
        }
        #expect(try await world.deliver([job], to: world.worker(gateway: gateway)).isEmpty)
        #expect(try world.charge("ch_1").status == .succeeded)
        #expect(!world.events.types(job.chargeID).contains("ChargeOutcomeUnknown"))
    }

    @Test("D-02: an unknown outcome older than the PSP's memory of keys is never repeated; it waits for people")
    func replayWindow() async throws {
        world.psp.when("pm_card_visa", .commitThenLoseAnswers(1))
        let job = try await world.accept("ch_1")
        try await world.deliver([job])
        world.clock.advance(seconds: WorkerWorld.replayWindowSeconds)
        #expect(try await world.deliver([job]) == ["job_ch_1"])
        #expect(world.psp.keys.count == 1)
        #expect(try world.charge("ch_1").status == .unknown)
        #expect(world.log.lines.contains { $0.contains("Function.ReplayWindowClosed") })
    }

    @Test("an old attempt that the PSP has named is asked about instead of repeated")
    func queryAfterWindow() async throws {
        world.psp.when("pm_card_visa", .pend)
        let job = try await world.accept("ch_1")
        try await world.deliver([job])
        world.clock.advance(seconds: WorkerWorld.replayWindowSeconds)
        let fate = ProcessFate()
        #expect(try await world.deliver([job], to: world.worker(fate: fate)).isEmpty)
        #expect(fate.steps.contains("psp.retrieve"))
        #expect(!fate.steps.contains("psp.charge"))
    }

    @Test("D-32: without time for a whole PSP request nothing is begun")
    func tooLittleTime() async throws {
        let job = try await world.accept("ch_1")
        #expect(try await world.deliver([job], remainingSeconds: 31) == ["job_ch_1"])
        #expect(try world.charge("ch_1").status == .created)
        #expect(world.psp.keys.isEmpty)
        #expect(try await world.deliver([job], remainingSeconds: 40).isEmpty)
    }

    @Test("D-28: one delivery asks the PSP once; repeating is the queue's, which has a limit")
    func oneRequestPerDelivery() async throws {
        world.psp.when("pm_card_visa", .commitThenLoseAnswers(100))
        let job = try await world.accept("ch_1")
        for delivery in 1...3 {
            try await world.deliver([job])
            #expect(world.psp.keys.count == delivery)
        }
    }

    @Test("D-01: a crash at any step and the redelivery charge exactly once")
    func crashAtEveryStep() async throws {
        for paymentMethod in ["pm_card_visa", "pm_lost"] {
            for moment in ProcessFate.Moment.allCases {
                var step = 0
                while true {
                    let world = WorkerWorld()
                    world.psp.when("pm_lost", .commitThenLoseAnswers(1))
                    let job = try await world.accept("ch_1", paymentMethod: paymentMethod)
                    let fate = ProcessFate(crashAtStep: step, moment: moment)
                    try await world.deliver([job], to: world.worker(fate: fate))
                    guard fate.hasCrashed else { break }
                    var deliveries = 0
                    while try await !world.deliver([job]).isEmpty, deliveries < 3 { deliveries += 1 }
                    let place = "\(paymentMethod) step \(step) (\(fate.steps.last ?? "")) \(moment)"
                    #expect(try world.charge("ch_1").status == .succeeded, "\(place)")
                    #expect(world.psp.totalChargeCount == 1, "\(place)")
                    #expect(Set(world.psp.keys) == ["ch_1:charge:1"], "\(place)")
                    let versions = world.events.published.map(\.envelope.version)
                    #expect(Set(versions) == Set(1...(try world.charge("ch_1").version)), "\(place)")
                    step += 1
                }
                #expect(step >= 9, "two rounds of load, append, publish, mark, and the PSP between them")
            }
        }
    }

    @Test("two workers with the same job at the same time charge once")
    func twoWorkers() async throws {
        let job = try await world.accept("ch_1")
        try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<8 { group.addTask { try await world.deliver([job]) } }
            for try await _ in group {}
        }
        #expect(try world.charge("ch_1").status == .succeeded)
        #expect(world.psp.totalChargeCount == 1)
        #expect(world.events.types(ChargeID(rawValue: "ch_1")).filter { $0 == "ChargeSucceeded" }.count == 1)
    }
}

/// A PSP whose webhook is faster than its answer.
private struct OvertakenGateway: PaymentGateway {
    let base: any PaymentGateway
    let webhook: @Sendable () async -> Void

    var provider: Provider { base.provider }

    func charge(_ request: GatewayChargeRequest) async throws(GatewayNotAttempted) -> GatewayOutcome {
        let outcome = try await base.charge(request)
        await webhook()
        return outcome
    }

    func refund(_ request: GatewayRefundRequest) async throws(GatewayNotAttempted) -> GatewayOutcome {
        try await base.refund(request)
    }

    func retrieveCharge(reference: String) async throws(GatewayNotAttempted) -> GatewayOutcome {
        try await base.retrieveCharge(reference: reference)
    }
}
