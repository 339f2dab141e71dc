import Domain
import FoundationEssentials
import FunctionsTestSupport
import Testing

@testable import FunctionsShared

@Suite("Idempotency store")
struct IdempotencyStoreTests {
    private let records = InMemoryRecordStore()
    private let cache = InMemoryResponseCache()
    private let clock = ManualClock()
    private let identifiers = CountingIDGenerator()
    private let answer = StoredResponse(status: 202, body: Data("{\"id\":\"ch_1\"}".utf8))

    private var store: IdempotencyStore {
        IdempotencyStore(
            records: InMemoryIdempotencyRecords(records), cache: cache, clock: clock, identifiers: identifiers,
            leaseMilliseconds: 30_000)
    }

    private func begin(
        _ key: String = "key", fingerprint: String = "same", merchant: MerchantID = Fixture.merchantID
    ) async throws -> IdempotencyDecision {
        try await store.begin(merchantID: merchant, key: key, fingerprint: fingerprint) {
            ["charge_id": identifiers.make(prefix: "ch")]
        }
    }

    private func ticket(_ decision: IdempotencyDecision) throws -> IdempotencyTicket {
        guard case .run(let ticket) = decision else {
            Issue.record("expected to run, got \(decision)")
            throw CancellationError()
        }
        return ticket
    }

    @Test("a new key runs; afterwards the answer is replayed byte for byte")
    func replay() async throws {
        let ticket = try ticket(try await begin())
        #expect(!ticket.isResumed)
        #expect(try await store.finish(ticket, with: answer) == answer)
        #expect(try await begin() == .replay(answer))
    }

    @Test("D-07: the same key with another request is refused, before and after the answer")
    func keyReused() async throws {
        let ticket = try ticket(try await begin())
        #expect(try await begin(fingerprint: "other") == .keyReused)
        _ = try await store.finish(ticket, with: answer)
        #expect(try await begin(fingerprint: "other") == .keyReused, "answered from the cache")
        cache.flush()
        #expect(try await begin(fingerprint: "other") == .keyReused, "answered from the record")
    }

    @Test("one merchant's keys never meet another's")
    func merchantsAreSeparate() async throws {
        _ = try ticket(try await begin())
        _ = try ticket(try await begin(merchant: Fixture.otherMerchantID))
        #expect(records.records.count == 2)
    }

    @Test("D-08: of fifty concurrent requests exactly one runs, the others are told when to come back")
    func concurrent() async throws {
        let decisions = try await withThrowingTaskGroup(of: IdempotencyDecision.self) { group in
            for _ in 0..<50 { group.addTask { try await begin() } }
            return try await group.reduce(into: [IdempotencyDecision]()) { $0.append($1) }
        }
        let running = decisions.filter { if case .run = $0 { true } else { false } }
        #expect(running.count == 1)
        #expect(decisions.filter { $0 == .inProgress(retryAfterSeconds: 2) }.count == 49)
    }

    @Test("D-08: an expired lease lets the same request resume with the same ids; it never frees the key")
    func resume() async throws {
        let first = try ticket(try await begin())
        clock.advance(seconds: 29)
        #expect(try await begin() == .inProgress(retryAfterSeconds: 1))
        clock.advance(seconds: 1)
        #expect(try await begin(fingerprint: "other") == .keyReused)
        let second = try ticket(try await begin())
        #expect(second.isResumed)
        #expect(try second.id("charge_id") == first.id("charge_id"))
    }

    @Test("D-08: a record without an answer is resumable for ever, with its first ids")
    func unfinishedIsNeverForgotten() async throws {
        let first = try ticket(try await begin())
        clock.advance(seconds: 30 * 24 * 60 * 60)
        let later = try ticket(try await begin())
        #expect(try later.id("charge_id") == first.id("charge_id"))
    }

    @Test("of many that find an expired lease, one resumes")
    func oneResumes() async throws {
        _ = try ticket(try await begin())
        clock.advance(seconds: 60)
        let decisions = try await withThrowingTaskGroup(of: IdempotencyDecision.self) { group in
            for _ in 0..<20 { group.addTask { try await begin() } }
            return try await group.reduce(into: [IdempotencyDecision]()) { $0.append($1) }
        }
        #expect(decisions.filter { if case .run = $0 { true } else { false } }.count == 1)
    }

    @Test("a run whose lease was taken over cannot answer; the new owner's answer stands")
    func fencing() async throws {
        let slow = try ticket(try await begin())
        clock.advance(seconds: 31)
        let resumed = try ticket(try await begin())
        let slowAnswer = StoredResponse(status: 422, body: Data("{}".utf8))
        await #expect(throws: RecordStoreError.self) { try await store.finish(slow, with: slowAnswer) }
        #expect(try await store.finish(resumed, with: answer) == answer)
        #expect(try await store.finish(slow, with: slowAnswer) == answer, "it learns the answer that stands")
        #expect(try await begin() == .replay(answer))
    }

    @Test("a run that failed gives its lease back, so that the client's retry resumes at once")
    func endLease() async throws {
        let first = try ticket(try await begin())
        await store.endLease(first)
        let second = try ticket(try await begin())
        #expect(second.isResumed)
        #expect(try second.id("charge_id") == first.id("charge_id"))
    }

    @Test("a Redis that is away or lost everything changes nothing")
    func cacheLoss() async throws {
        _ = try await store.finish(try ticket(try await begin()), with: answer)
        cache.flush()
        #expect(try await begin() == .replay(answer))
        #expect(cache.count == 1, "the answer is back in the cache")
        cache.goAway()
        #expect(try await begin() == .replay(answer))
    }

    @Test("bytes in the cache that are not ours are a miss")
    func cacheGarbage() async throws {
        await cache.store(Data("garbage".utf8), for: "idempotency:mer_1#key", expirySeconds: 60)
        _ = try ticket(try await begin())
    }

    @Test("an answer is kept for 24 hours; afterwards the key is new")
    func retention() async throws {
        let first = try ticket(try await begin())
        _ = try await store.finish(first, with: answer)
        cache.flush()
        clock.advance(seconds: 24 * 60 * 60 - 1)
        #expect(try await begin() == .replay(answer))
        cache.flush()
        clock.advance(seconds: 1)
        let second = try ticket(try await begin())
        #expect(!second.isResumed)
        #expect(try second.id("charge_id") != first.id("charge_id"))
    }
}
