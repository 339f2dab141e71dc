import Domain
import FoundationEssentials

/// Makes a request with an idempotency key happen once, and answers every repetition with the first answer's bytes.
///
/// The durable record decides; the cache in front of it only saves a read and may lose everything. A run holds a lease
/// on the record. When the lease expires without an answer, the process probably died somewhere in the middle: the
/// same request may then be *resumed*, with the same allotted ids, so that every step it repeats is recognised. The
/// key itself is never freed by an expired lease.
public struct IdempotencyStore: Sendable {
    /// How long an answer is kept (requirement R2.2).
    public static let retentionSeconds: Int64 = 24 * 60 * 60
    /// The longest lease a configuration may ask for: Lambda's longest run.
    public static let maximumLeaseMilliseconds = 900_000
    /// What a client is told to wait at most, in seconds. A run takes a fraction of a second; only the lease of a run
    /// that died lasts longer, and asking again costs little.
    public static let maximumRetryAfterSeconds = 2

    private let records: any IdempotencyRecords
    private let cache: any ResponseCache
    private let clock: any WallClock
    private let identifiers: any IDGenerator
    private let leaseMilliseconds: Int64

    /// - Parameter leaseMilliseconds: longer than the function's timeout, so that a lease never expires under a run that
    ///   is still alive. (If it does, ids and versions still keep the effects single.)
    public init(
        records: any IdempotencyRecords, cache: any ResponseCache, clock: any WallClock,
        identifiers: any IDGenerator, leaseMilliseconds: Int
    ) {
        self.records = records
        self.cache = cache
        self.clock = clock
        self.identifiers = identifiers
        self.leaseMilliseconds = Int64(min(leaseMilliseconds, Self.maximumLeaseMilliseconds))
    }

    /// Decides what a request with this key may do.
    ///
    /// - Parameter allot: makes the ids of the request; used only if no record stands yet.
    public func begin(
        merchantID: MerchantID, key: String, fingerprint: String, allot: () -> [String: String]
    ) async throws(RecordStoreError) -> IdempotencyDecision {
        let id = merchantID.rawValue + "#" + key
        if let cached = await cachedAnswer(id) {
            return cached.fingerprint == fingerprint ? .replay(cached.response) : .keyReused
        }
        let now = nowMilliseconds()
        let mine = IdempotencyRecord(
            id: id, fingerprint: fingerprint, allottedIDs: allot(), leaseOwner: identifiers.make(prefix: "lease"),
            leaseExpiresAtMilliseconds: now + leaseMilliseconds)
        let standing = try await records.create(mine, nowSeconds: now / 1000)
        if standing.leaseOwner == mine.leaseOwner {
            return .run(IdempotencyTicket(record: standing, isResumed: false))
        }
        guard standing.fingerprint == fingerprint else { return .keyReused }
        if let response = standing.response {
            await cacheAnswer(response, of: standing)
            return .replay(response)
        }
        return try await resume(standing, as: mine.leaseOwner, now: now)
    }

    /// Stores the answer of a run.
    ///
    /// - Returns: the answer to give: another run may have been faster, and every caller must see the same bytes.
    public func finish(
        _ ticket: IdempotencyTicket, with response: StoredResponse
    ) async throws(RecordStoreError) -> StoredResponse {
        let expiresAtSeconds = nowMilliseconds() / 1000 + Self.retentionSeconds
        let standing = try await records.finish(
            id: ticket.record.id, owner: ticket.record.leaseOwner, response: response,
            expiresAtSeconds: expiresAtSeconds)
        // A newer run holds the lease and has not answered. Its answer will be built from the same ids and the same
        // journal; this caller is told to come back for it rather than be given bytes that nobody will repeat.
        guard let standing else { throw RecordStoreError("the lease of \(ticket.record.id) was taken over") }
        await cacheAnswer(standing, of: ticket.record)
        return standing
    }

    /// Ends the lease of a run that failed on the way, so that the client's next try resumes at once. The record and
    /// its ids stay. A failure to do so only makes the client wait for the lease.
    public func endLease(_ ticket: IdempotencyTicket) async {
        _ = try? await records.takeLease(
            id: ticket.record.id, from: ticket.record.leaseOwner, to: ticket.record.leaseOwner,
            expiresAtMilliseconds: nowMilliseconds())
    }

    private func resume(
        _ standing: IdempotencyRecord, as owner: String, now: Int64
    ) async throws(RecordStoreError) -> IdempotencyDecision {
        let remaining = standing.leaseExpiresAtMilliseconds - now
        guard remaining <= 0 else {
            let seconds = Int((remaining + 999) / 1000)
            return .inProgress(retryAfterSeconds: min(seconds, Self.maximumRetryAfterSeconds))
        }
        let isMine = try await records.takeLease(
            id: standing.id, from: standing.leaseOwner, to: owner, expiresAtMilliseconds: now + leaseMilliseconds)
        guard isMine else { return .inProgress(retryAfterSeconds: 1) }
        let resumed = IdempotencyRecord(
            id: standing.id, fingerprint: standing.fingerprint, allottedIDs: standing.allottedIDs, leaseOwner: owner,
            leaseExpiresAtMilliseconds: now + leaseMilliseconds)
        return .run(IdempotencyTicket(record: resumed, isResumed: true))
    }

    private func nowMilliseconds() -> Int64 {
        Int64(clock.now().timeIntervalSince1970 * 1000)
    }
}

/// What a request may do.
public enum IdempotencyDecision: Sendable, Equatable {
    /// Run it, with the ticket's ids.
    case run(IdempotencyTicket)
    /// It was answered before: give these bytes again.
    case replay(StoredResponse)
    /// Another run holds the lease.
    case inProgress(retryAfterSeconds: Int)
    /// The key belongs to another request.
    case keyReused
}

/// The right to run a request, and the ids to run it with.
public struct IdempotencyTicket: Sendable, Equatable {
    let record: IdempotencyRecord
    /// Whether an earlier run may have had effects already.
    public let isResumed: Bool

    /// The id allotted under a name.
    ///
    /// - Throws: when the record, written by another version of the code, has none.
    public func id(_ name: String) throws(RecordStoreError) -> String {
        guard let id = record.allottedIDs[name] else {
            throw RecordStoreError("the idempotency record \(record.id) has no \(name)")
        }
        return id
    }
}

// MARK: - The cache in front

extension IdempotencyStore {
    /// An answer with what is needed to tell whether it is the right one.
    private struct CachedAnswer: Codable {
        let fingerprint: String
        let response: StoredResponse
    }

    private func cachedAnswer(_ id: String) async -> CachedAnswer? {
        guard let data = await cache.value(for: Self.cacheName(id)) else { return nil }
        return try? JSONDecoder().decode(CachedAnswer.self, from: data)
    }

    private func cacheAnswer(_ response: StoredResponse, of record: IdempotencyRecord) async {
        let now = nowMilliseconds() / 1000
        let remaining = record.expiresAtSeconds.map { $0 - now } ?? Self.retentionSeconds
        guard remaining > 0,
            let data = try? JSONEncoder().encode(CachedAnswer(fingerprint: record.fingerprint, response: response))
        else { return }
        await cache.store(data, for: Self.cacheName(record.id), expirySeconds: Int(remaining))
    }

    private static func cacheName(_ id: String) -> String { "idempotency:" + id }
}
