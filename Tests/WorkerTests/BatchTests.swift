import Domain
import FoundationEssentials
import FunctionsShared
import FunctionsTestSupport
import LambdaEvents
import Testing

@testable import Worker

@Suite("Batches of jobs")
struct BatchTests {
    private let world = WorkerWorld()

    @Test("charges are worked on at the same time")
    func concurrency() async throws {
        var jobs: [PaymentJob] = []
        for index in 1...5 { jobs.append(try await world.accept("ch_\(index)")) }
        #expect(try await world.deliver(jobs).isEmpty)
        #expect(world.psp.totalChargeCount == 5)
        #expect(world.psp.maximumConcurrency > 1)
    }

    @Test("the jobs of one charge are done in order")
    func orderInAGroup() async throws {
        let charge = try await world.accept("ch_1")
        try await world.deliver([charge])
        let refunds = [
            try await world.acceptRefund("re_1", 100, of: "ch_1"),
            try await world.acceptRefund("re_2", 200, of: "ch_1"),
            try await world.acceptRefund("re_3", 300, of: "ch_1"),
        ]
        #expect(try await world.deliver(refunds).isEmpty)
        #expect(
            world.psp.keys == ["ch_1:charge:1", "ch_1:refund:re_1", "ch_1:refund:re_2", "ch_1:refund:re_3"])
    }

    @Test("the first failure of a charge fails all its later jobs unprocessed; other charges go on")
    func firstFailureStopsItsGroup() async throws {
        let paid = try await world.accept("ch_1")
        try await world.deliver([paid])
        world.psp.when("lost", .commitThenLoseAnswers(1))
        let first = try await world.acceptRefund("re_1", 100, of: "ch_1", reason: "lost")
        let second = try await world.acceptRefund("re_2", 200, of: "ch_1")
        let other = try await world.accept("ch_2")
        let failed = try await world.deliver([first, other, second])
        #expect(failed == ["job_re_1", "job_re_2"])
        #expect(world.psp.refundCount(RefundID(rawValue: "re_2")) == 0)
        #expect(try world.charge("ch_2").status == .succeeded)
    }

    @Test(
        "a record that is not ours fails alone; its neighbours go on",
        arguments: [
            "", "not json", "[]", "{}", #"{"job_id":"job_x","job_type":"TELEPORT","charge_id":"ch_1"}"#,
            #"{"job_id":"j","job_type":"REFUND","charge_id":"ch_1","merchant_id":"mer_1","trace_id":"t"}"#,
        ])
    func foreignRecord(body: String) async throws {
        let job = try await world.accept("ch_1")
        let foreign = SQSEvent.Record.payload(body, messageID: "foreign", group: "elsewhere")
        #expect(try await world.deliver([foreign, job.record()]) == ["foreign"])
        #expect(try world.charge("ch_1").status == .succeeded)
        #expect(world.log.lines.contains { $0.contains("Function.JobNotReadable") })
    }

    @Test("a job for a charge that does not exist, or for another merchant's, fails and asks no PSP")
    func unknownCharge() async throws {
        let job = try await world.accept("ch_1")
        let ghost = PaymentJob(
            id: JobID(rawValue: "job_ghost"), kind: .charge, chargeID: ChargeID(rawValue: "ch_ghost"),
            merchantID: Fixture.merchantID, traceID: "t")
        let foreign = PaymentJob(
            id: JobID(rawValue: "job_foreign"), kind: .charge, chargeID: job.chargeID,
            merchantID: Fixture.otherMerchantID, traceID: "t")
        #expect(try await world.deliver([ghost, foreign]) == ["job_ghost", "job_foreign"])
        #expect(world.psp.keys.isEmpty)
        #expect(try world.charge("ch_1").status == .created)
        for id in [ghost, foreign] {
            #expect(world.log.lines.contains { $0.contains("Function.ChargeNotFound") && $0.contains(id.id.rawValue) })
        }
    }

    @Test("a refund job without its refund fails")
    func unknownRefund() async throws {
        try await world.deliver([try await world.accept("ch_1")])
        let ghost = PaymentJob(
            id: JobID(rawValue: "job_ghost"), kind: .refund, chargeID: ChargeID(rawValue: "ch_1"),
            refundID: RefundID(rawValue: "re_ghost"), merchantID: Fixture.merchantID, traceID: "t")
        #expect(try await world.deliver([ghost]) == ["job_ghost"])
    }

    @Test("an empty batch is a success")
    func empty() async throws {
        #expect(try await world.deliver([PaymentJob]()).isEmpty)
    }
}
