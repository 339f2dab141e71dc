import CCurl
import Synchronization

/// A single-threaded executor for asynchronous code that drives libcurl's transfers while that code waits.
///
/// A Lambda environment handles one event at a time, so a pool of threads buys nothing and costs start time and
/// hops. `run` executes every task it started on the calling thread, and polls the transfers of all of them at once
/// when none can go on: concurrency of I/O without a second thread.
public final class EventLoop: TaskExecutor, @unchecked Sendable {
    // @unchecked: `multi` and `transfers` are touched only by the thread inside `run`; `shared` is behind a mutex.
    // curl_multi_wakeup is documented to be callable from any thread.

    private struct Shared {
        var jobs: [UnownedJob] = []
        var submitted: [Transfer] = []
        var timers: [Timer] = []
        var isPolling = false
    }

    private struct Timer {
        let instant: ContinuousClock.Instant
        let continuation: CheckedContinuation<Void, Never>
    }

    /// How long one poll may last when nothing is due; every event that matters ends it earlier.
    private static let maximumPollMilliseconds: Int32 = 60_000

    private let shared = Mutex(Shared())
    private let multi: UnsafeMutableRawPointer?
    private var transfers: [UnsafeMutableRawPointer: Transfer] = [:]

    /// A loop with its own connection cache.
    public init() {
        GlobalCurl.initialize()
        multi = curl_multi_init()
    }

    deinit {
        for transfer in transfers.values { curl_multi_remove_handle(multi, transfer.handle) }
        curl_multi_cleanup(multi)
    }

    /// Runs an operation, and every task it starts, on this thread until the operation is done.
    ///
    /// One thread at a time may be inside. Tasks that outlive the operation stay suspended until the next `run`, as a
    /// Lambda environment freezes between invocations.
    public func run<Value: Sendable>(_ operation: @escaping @Sendable () async throws -> Value) throws -> Value {
        let outcome = OutcomeBox<Value>()
        Task(executorPreference: self) {
            do { outcome.store(.success(try await operation())) } catch { outcome.store(.failure(error)) }
        }
        while true {
            runJobs()
            if let result = outcome.value { return try result.get() }
            pollOnce()
        }
    }

    /// Suspends the calling task without blocking the loop's other tasks.
    public func sleep(milliseconds: Int) async {
        guard milliseconds > 0 else { return }
        await withCheckedContinuation { continuation in
            let instant = ContinuousClock.now.advanced(by: .milliseconds(milliseconds))
            shared.withLock { $0.timers.append(Timer(instant: instant, continuation: continuation)) }
            wake()
        }
    }

    /// Takes a job of a task that prefers this executor.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        shared.withLock { $0.jobs.append(job) }
        wake()
    }

    /// Hands a prepared transfer to the loop; its completion is called on the loop's thread.
    package func submit(_ transfer: Transfer) {
        shared.withLock { $0.submitted.append(transfer) }
        wake()
    }

    private func wake() {
        if shared.withLock({ $0.isPolling }) { curl_multi_wakeup(multi) }
    }

    private func runJobs() {
        while true {
            let jobs = shared.withLock { state in
                defer { state.jobs.removeAll(keepingCapacity: true) }
                return state.jobs
            }
            if jobs.isEmpty { return }
            for job in jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
        }
    }

    private func pollOnce() {
        startSubmitted()
        var running: Int32 = 0
        curl_multi_perform(multi, &running)
        finishTransfers()
        let timeout = fireTimers()
        let mayPoll = shared.withLock { state in
            state.isPolling = state.jobs.isEmpty && state.submitted.isEmpty
            return state.isPolling
        }
        guard mayPoll else { return }
        curl_multi_poll(multi, nil, 0, timeout, nil)
        shared.withLock { $0.isPolling = false }
    }

    private func startSubmitted() {
        let submitted = shared.withLock { state in
            defer { state.submitted.removeAll() }
            return state.submitted
        }
        for transfer in submitted {
            transfers[transfer.handle] = transfer
            let code = curl_multi_add_handle(multi, transfer.handle)
            if code != CURLM_OK {
                transfers[transfer.handle] = nil
                transfer.complete(CURLE_FAILED_INIT)
            }
        }
    }

    private func finishTransfers() {
        var remaining: Int32 = 0
        while let message = curl_multi_info_read(multi, &remaining) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else { continue }
            let result = fincore_curl_message_result(message)
            curl_multi_remove_handle(multi, handle)
            transfers.removeValue(forKey: handle)?.complete(result)
        }
    }

    /// Resumes what is due; returns how long the poll may last until the next timer, in milliseconds.
    private func fireTimers() -> Int32 {
        let now = ContinuousClock.now
        let (due, next) = shared.withLock { state in
            let due = state.timers.filter { $0.instant <= now }
            if !due.isEmpty { state.timers.removeAll { $0.instant <= now } }
            return (due, state.timers.map(\.instant).min())
        }
        for timer in due { timer.continuation.resume() }
        guard let next else { return Self.maximumPollMilliseconds }
        let (seconds, attoseconds) = now.duration(to: next).components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1
        return Int32(clamping: min(max(milliseconds, 0), Int64(Self.maximumPollMilliseconds)))
    }
}

/// Where a task leaves its result for the thread that waits in `run`.
private final class OutcomeBox<Value: Sendable>: Sendable {
    private let outcome = Mutex<Result<Value, any Error>?>(nil)

    func store(_ result: Result<Value, any Error>) {
        outcome.withLock { $0 = result }
    }

    var value: Result<Value, any Error>? {
        outcome.withLock { $0 }
    }
}

/// libcurl's process-wide set-up, done once.
package enum GlobalCurl {
    private static let result: CURLcode = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

    package static func initialize() {
        _ = result
    }
}
