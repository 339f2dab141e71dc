import Domain
import FoundationEssentials
import FunctionsShared
import FunctionsTestSupport
import Testing

@testable import Worker

@Suite("Refund jobs")
struct RefundJobTests {
    private let world = WorkerWorld()
    private let refundID = RefundID(rawValue: "re_1")

    private func paid() async throws {
        let job = try await world.accept("ch_1")
        try await world.deliver([job])
    }

    @Test("a refund goes to the PSP with the charge's reference and its own key")
    func success() async throws {
        try await paid()
        let job = try await world.acceptRefund("re_1", 500, of: "ch_1")
        #expect(try await world.deliver([job]).isEmpty)
        let charge = try world.charge("ch_1")
        #expect(charge.refundedMinor == 500)
        #expect(charge.refundReservedMinor == 0)
        #expect(world.psp.keys.last == "ch_1:refund:re_1")
        #expect(world.psp.refundCount(refundID) == 1)
    }

    @Test("a refused refund frees its amount")
    func declined() async throws {
        try await paid()
        world.psp.when("no", .decline("insufficient_funds"))
        let job = try await world.acceptRefund("re_1", 500, of: "ch_1", reason: "no")
        #expect(try await world.deliver([job]).isEmpty)
        let charge = try world.charge("ch_1")
        #expect(charge.refund(refundID)?.status == .failed)
        #expect(charge.refundable.amountMinor == 1999)
    }

    @Test("D-02: a refund whose answer was lost stays reserved and is established under the same key")
    func lostAnswer() async throws {
        try await paid()
        world.psp.when("lost", .commitThenLoseAnswers(1))
        let job = try await world.acceptRefund("re_1", 500, of: "ch_1", reason: "lost")
        #expect(try await world.deliver([job]) == ["job_re_1"])
        #expect(try world.charge("ch_1").refundReservedMinor == 500)
        #expect(try await world.deliver([job]).isEmpty)
        #expect(try world.charge("ch_1").refundedMinor == 500)
        #expect(world.psp.refundCount(refundID) == 1)
    }

    @Test("D-19: a refund job that comes again does nothing")
    func stale() async throws {
        try await paid()
        let job = try await world.acceptRefund("re_1", 500, of: "ch_1")
        try await world.deliver([job])
        #expect(try await world.deliver([job]).isEmpty)
        #expect(world.psp.refundCount(refundID) == 1)
    }

    @Test("D-02: a refund older than the PSP's memory of keys is not sent: it could be a second one")
    func replayWindow() async throws {
        try await paid()
        let job = try await world.acceptRefund("re_1", 500, of: "ch_1")
        world.clock.advance(seconds: WorkerWorld.replayWindowSeconds)
        #expect(try await world.deliver([job]) == ["job_re_1"])
        #expect(world.psp.refundCount(refundID) == 0)
    }

    @Test("a refund over another amount is quarantined")
    func wrongAmount() async throws {
        try await paid()
        world.psp.when("odd", .wrongAmount(1))
        let job = try await world.acceptRefund("re_1", 500, of: "ch_1", reason: "odd")
        #expect(try await world.deliver([job]).isEmpty)
        let charge = try world.charge("ch_1")
        #expect(charge.quarantined)
        #expect(charge.refundedMinor == 0)
        #expect(try await world.deliver([job]).isEmpty)
        #expect(world.psp.refundCount(refundID) == 1)
    }

    @Test("D-01: a crash at any step and the redelivery refund exactly once")
    func crashAtEveryStep() async throws {
        for moment in ProcessFate.Moment.allCases {
            var step = 0
            while true {
                let world = WorkerWorld()
                try await world.deliver([try await world.accept("ch_1")])
                let job = try await world.acceptRefund("re_1", 500, of: "ch_1")
                let fate = ProcessFate(crashAtStep: step, moment: moment)
                try await world.deliver([job], to: world.worker(fate: fate))
                guard fate.hasCrashed else { break }
                #expect(try await world.deliver([job]).isEmpty)
                let place = "step \(step) (\(fate.steps.last ?? "")) \(moment)"
                #expect(try world.charge("ch_1").refundedMinor == 500, "\(place)")
                #expect(world.psp.refundCount(refundID) == 1, "\(place)")
                step += 1
            }
            #expect(step >= 5)
        }
    }
}
