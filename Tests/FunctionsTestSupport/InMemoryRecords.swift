import Domain
import FoundationEssentials
import FunctionsShared
import LambdaEvents
import Synchronization

/// Idempotency records and refund directory entries that survive the processes that write them.
public final class InMemoryRecordStore: Sendable {
    struct State {
        var records: [String: IdempotencyRecord] = [:]
        var refunds: [RefundID: (charge: ChargeID, merchant: MerchantID)] = [:]
    }

    let state = Mutex(State())

    public init() {}

    /// All idempotency records.
    public var records: [IdempotencyRecord] { state.withLock { Array($0.records.values) } }
}

/// Idempotency records over shared memory; every call is atomic, as a conditional write is.
public struct InMemoryIdempotencyRecords: IdempotencyRecords {
    private let store: InMemoryRecordStore
    private let fate: ProcessFate

    public init(_ store: InMemoryRecordStore, fate: ProcessFate = ProcessFate()) {
        self.store = store
        self.fate = fate
    }

    public func create(
        _ record: IdempotencyRecord, nowSeconds: Int64
    ) async throws(RecordStoreError) -> IdempotencyRecord {
        await Task.yield()
        return try run("idempotency.create") { state in
            if let standing = state.records[record.id], (standing.expiresAtSeconds ?? .max) > nowSeconds {
                return standing
            }
            state.records[record.id] = record
            return record
        }
    }

    public func takeLease(
        id: String, from previousOwner: String, to owner: String, expiresAtMilliseconds: Int64
    ) async throws(RecordStoreError) -> Bool {
        try run("idempotency.takeLease") { state in
            guard let standing = state.records[id], standing.leaseOwner == previousOwner, standing.response == nil
            else { return false }
            state.records[id] = IdempotencyRecord(
                id: id, fingerprint: standing.fingerprint, allottedIDs: standing.allottedIDs, leaseOwner: owner,
                leaseExpiresAtMilliseconds: expiresAtMilliseconds)
            return true
        }
    }

    public func finish(
        id: String, owner: String, response: StoredResponse, expiresAtSeconds: Int64
    ) async throws(RecordStoreError) -> StoredResponse? {
        await Task.yield()
        return try run("idempotency.finish") { state in
            guard let standing = state.records[id] else { return nil }
            guard standing.leaseOwner == owner, standing.response == nil else { return standing.response }
            state.records[id] = IdempotencyRecord(
                id: id, fingerprint: standing.fingerprint, allottedIDs: standing.allottedIDs, leaseOwner: owner,
                leaseExpiresAtMilliseconds: standing.leaseExpiresAtMilliseconds, response: response,
                expiresAtSeconds: expiresAtSeconds)
            return response
        }
    }

    private func run<Value>(
        _ step: String, _ effect: (inout InMemoryRecordStore.State) throws -> Value
    ) throws(RecordStoreError) -> Value {
        do {
            return try fate.step(step) { try store.state.withLock { try effect(&$0) } }
        } catch {
            throw RecordStoreError("\(error)")
        }
    }
}

/// A refund directory over shared memory.
public struct InMemoryRefundDirectory: RefundDirectory {
    private let store: InMemoryRecordStore
    private let fate: ProcessFate

    public init(_ store: InMemoryRecordStore, fate: ProcessFate = ProcessFate()) {
        self.store = store
        self.fate = fate
    }

    public func record(
        _ refund: RefundID, of charge: ChargeID, merchantID: MerchantID
    ) async throws(RecordStoreError) {
        do {
            try fate.step("refunds.record") {
                store.state.withLock { $0.refunds[refund] = (charge, merchantID) }
            }
        } catch {
            throw RecordStoreError("\(error)")
        }
    }

    public func charge(of refund: RefundID, merchantID: MerchantID) async throws(RecordStoreError) -> ChargeID? {
        store.state.withLock { state in
            guard let entry = state.refunds[refund], entry.merchant == merchantID else { return nil }
            return entry.charge
        }
    }
}

/// A cache that can be healthy, away, or lose everything.
public final class InMemoryResponseCache: ResponseCache {
    private struct State {
        var values: [String: Data] = [:]
        var isAway = false
    }

    private let state = Mutex(State())

    public init() {}

    /// How many answers it holds.
    public var count: Int { state.withLock { $0.values.count } }

    /// All bytes it holds.
    public var values: [Data] { state.withLock { Array($0.values.values) } }

    /// Loses everything, as after a restart.
    public func flush() { state.withLock { $0.values = [:] } }

    /// Answers nothing and takes nothing from now on.
    public func goAway() { state.withLock { $0.isAway = true } }

    public func value(for name: String) async -> Data? {
        state.withLock { $0.isAway ? nil : $0.values[name] }
    }

    public func store(_ value: Data, for name: String, expirySeconds: Int) async {
        state.withLock { if !$0.isAway { $0.values[name] = value } }
    }
}

/// A FIFO queue over shared memory with SQS's deduplication, but without its five-minute limit on it.
public final class InMemoryQueue: Sendable {
    private struct State {
        var jobs: [PaymentJob] = []
        var known: Set<JobID> = []
        var sendCount = 0
    }

    private let state = Mutex(State())

    public init() {}

    /// The jobs that wait, in order.
    public var jobs: [PaymentJob] { state.withLock { $0.jobs } }

    /// How often a job was sent, duplicates included.
    public var sendCount: Int { state.withLock { $0.sendCount } }

    /// Takes a job as SQS does.
    public func send(_ job: PaymentJob) {
        state.withLock { state in
            state.sendCount += 1
            if state.known.insert(job.id).inserted { state.jobs.append(job) }
        }
    }

    /// Removes jobs that are done.
    public func delete(_ done: Set<JobID>) {
        state.withLock { $0.jobs.removeAll { done.contains($0.id) } }
    }

    /// A sender for one process.
    public func sender(fate: ProcessFate = ProcessFate()) -> any JobQueue { Sender(queue: self, fate: fate) }

    private struct Sender: JobQueue {
        let queue: InMemoryQueue
        let fate: ProcessFate

        func enqueue(_ job: PaymentJob) async throws(JobQueueError) {
            await Task.yield()
            do {
                try fate.step("queue.enqueue") { queue.send(job) }
            } catch {
                throw JobQueueError("\(error)")
            }
        }
    }
}

extension PaymentJob {
    /// The job as Lambda delivers it; the job's id serves as message id.
    public func record(receiveCount: Int = 1) -> SQSEvent.Record {
        let body = (try? JSONEncoder().encode(self)) ?? Data()
        return .payload(
            String(decoding: body, as: UTF8.self), messageID: id.rawValue, group: chargeID.rawValue,
            receiveCount: receiveCount)
    }
}

extension SQSEvent.Record {
    /// A FIFO message with any body.
    public static func payload(
        _ body: String, messageID: String, group: String, receiveCount: Int = 1
    ) -> SQSEvent.Record {
        SQSEvent.Record(
            messageID: messageID, receiptHandle: "receipt", body: body,
            attributes: ["MessageGroupId": group, "ApproximateReceiveCount": String(receiveCount)], md5OfBody: "",
            eventSourceARN: "arn:aws:sqs:eu-central-1:123456789012:jobs.fifo", awsRegion: "eu-central-1")
    }
}
