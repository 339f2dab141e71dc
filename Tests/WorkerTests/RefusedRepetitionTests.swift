import Domain
import FunctionsTestSupport
import Testing

@testable import Worker

/// What the PSP says to a repetition when it turns it away before it looks for the key.
@Suite("Repetitions that are turned away")
struct RefusedRepetitionTests {
    private let world = WorkerWorld()
    private let refusal = GatewayOutcome.declined(
        GatewayDecline(reason: "invalid_request", declineCode: "resource_missing", message: "No.", reach: .request))
    private let lost = GatewayOutcome.unknown(detail: "no answer in time")

    @Test("D-02: a first request that is turned away is refused for good")
    func first() async throws {
        let job = try await world.accept("ch_1")
        #expect(try await world.deliver([job], to: world.worker(gateway: ScriptedGateway([refusal]))).isEmpty)
        #expect(try world.charge("ch_1").status == .failed)
    }

    @Test("D-02: a charge whose outcome is unknown stays so, and its job comes again until the outcome is established")
    func charge() async throws {
        let job = try await world.accept("ch_1")
        let done = GatewayOutcome.succeeded(GatewayEvidence(reference: "pi_1", amount: try Fixture.euros(1999)))
        let worker = world.worker(gateway: ScriptedGateway([lost, refusal, done]))
        #expect(try await world.deliver([job], to: worker) == ["job_ch_1"])
        #expect(try await world.deliver([job], to: worker) == ["job_ch_1"])
        #expect(try world.charge("ch_1").status == .unknown)
        #expect(try await world.deliver([job], to: worker).isEmpty)
        #expect(try world.charge("ch_1").status == .succeeded)
    }

    @Test("D-02: a process killed while it asked may have paid: a redelivered job that is turned away settles nothing")
    func killedWhileAsking() async throws {
        let job = try await world.accept("ch_1")
        let worker = world.worker(gateway: ScriptedGateway([refusal]))
        #expect(try await world.deliver([job.record(receiveCount: 2)], to: worker) == ["job_ch_1"])
        #expect(try world.charge("ch_1").status == .unknown)
    }

    @Test("D-02: the same for a refund: its amount stays reserved")
    func refundKilledWhileAsking() async throws {
        try await world.deliver([try await world.accept("ch_1")])
        let job = try await world.acceptRefund("re_1", 500, of: "ch_1")
        let worker = world.worker(gateway: ScriptedGateway([refusal]))
        #expect(try await world.deliver([job.record(receiveCount: 2)], to: worker) == ["job_re_1"])
        #expect(try world.charge("ch_1").refundReservedMinor == 500)
    }

    @Test("D-31: a redrive sets the receive count back; an old refund that is turned away settles nothing all the same")
    func redriven() async throws {
        try await world.deliver([try await world.accept("ch_1")])
        let job = try await world.acceptRefund("re_1", 500, of: "ch_1")
        world.clock.advance(seconds: JobProcessor.firstDeliverySeconds)
        let worker = world.worker(gateway: ScriptedGateway([refusal]))
        #expect(try await world.deliver([job.record(receiveCount: 1)], to: worker) == ["job_re_1"])
        #expect(try world.charge("ch_1").refundReservedMinor == 500)
    }

    @Test("D-02: the reservation of a refund whose outcome is unknown stays, and its job comes again")
    func refund() async throws {
        try await world.deliver([try await world.accept("ch_1")])
        let job = try await world.acceptRefund("re_1", 500, of: "ch_1")
        let worker = world.worker(gateway: ScriptedGateway([lost, refusal]))
        for _ in 0..<2 { #expect(try await world.deliver([job], to: worker) == ["job_re_1"]) }
        let charge = try world.charge("ch_1")
        #expect(charge.refund(RefundID(rawValue: "re_1"))?.status == .unknown)
        #expect(charge.refundReservedMinor == 500)
    }
}
