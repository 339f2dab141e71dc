import Domain
import FunctionsShared
import FunctionsTestSupport
import Synchronization
import Testing

@testable import Worker

@Suite("The time that is left of an invocation")
struct RemainingTimeTests {
    private let world = WorkerWorld()

    /// Works on a job whose steps before the PSP take so long that no time for the PSP is left.
    private func processSlowly(_ job: PaymentJob) async throws {
        let remaining = Mutex([60_000, 1_000])
        try await world.processor().process(
            job, isRepetition: false,
            remainingMilliseconds: { remaining.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] } },
            logger: world.log.logger)
    }

    @Test("D-32: the PSP is not asked when appending has used up its time; the job comes again and asks once")
    func charge() async throws {
        let job = try await world.accept("ch_1")
        let failure = JobFailure.tooLittleTime(remainingMilliseconds: 1_000, neededMilliseconds: 32_000)
        await #expect(throws: failure) { try await processSlowly(job) }
        #expect(world.psp.keys.isEmpty)
        #expect(try world.charge("ch_1").status == .processing, "the attempt has begun")
        #expect(try await world.deliver([job]).isEmpty)
        #expect(world.psp.keys == ["ch_1:charge:1"])
    }

    @Test("D-32: the same for a refund")
    func refund() async throws {
        try await world.deliver([try await world.accept("ch_1")])
        let job = try await world.acceptRefund("re_1", 500, of: "ch_1")
        await #expect(throws: JobFailure.self) { try await processSlowly(job) }
        #expect(world.psp.keys == ["ch_1:charge:1"])
    }
}
