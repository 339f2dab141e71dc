import CCurl
import Synchronization
import Wire

/// Why an event loop cannot go on: libcurl has run out of memory or descriptors.
public struct EventLoopError: SafelyDescribed, Sendable, CustomStringConvertible {
    public let description: String

    init(_ operation: String, _ reason: String) {
        description = "event loop: \(operation): \(reason)"
    }
}

/// A single-threaded executor for asynchronous code that drives libcurl's transfers while that code waits.
///
/// A Lambda environment handles one event at a time, so a pool of threads buys nothing and costs start time and
/// hops. `run` executes every task it started on the calling thread, and polls the transfers of all of them at once
/// when none can go on: concurrency of I/O without a second thread.
///
/// A cancelled task's `sleep` ends at once. A transfer goes on to its end or its deadline.
public final class EventLoop: TaskExecutor, @unchecked Sendable {
    // @unchecked: `multi`, `transfers` and `batch` are touched only by the thread inside `run`, which is one at a time;
    // `shared` is behind a mutex. curl_multi_wakeup is documented to be callable from any thread.

    private struct Shared {
        var jobs: [UnownedJob] = []
        var submitted: [Transfer] = []
        var resumed: [Transfer] = []
        var timers: [Timer] = []
        var timersMade: UInt64 = 0
        var isRunning = false
        var isPolling = false

        /// Whether the loop's thread has to be woken, which one of those who have something for it does.
        mutating func claimWakeup() -> Bool {
            defer { isPolling = false }
            return isPolling
        }
    }

    private struct Timer {
        let number: UInt64
        let instant: ContinuousClock.Instant
        let continuation: CheckedContinuation<Void, Never>
    }

    /// How long one poll may last when nothing is due; every event that matters ends it earlier.
    private static let maximumPollMilliseconds: Int32 = 60_000
    /// After so many jobs transfers and timers have their turn, even when there are more; looking costs system calls.
    private static let maximumJobsPerTurn = 256

    private let shared = Mutex(Shared())
    private let multi: UnsafeMutableRawPointer?
    private var transfers: [UnsafeMutableRawPointer: Transfer] = [:]
    /// The jobs being run; it changes places with the queue, so that neither allocates anew.
    private var batch: [UnownedJob] = []

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
    /// One thread at a time may be inside, and once. Tasks that outlive the operation stay suspended until the next
    /// `run`, as a Lambda environment freezes between invocations.
    ///
    /// - Throws: the operation's error, or `EventLoopError`; after the latter the operation stays suspended.
    public func run<Value: Sendable>(_ operation: @escaping @Sendable () async throws -> Value) throws -> Value {
        guard multi != nil else { throw EventLoopError("curl_multi_init", "no memory or descriptors left") }
        shared.withLock { state in
            precondition(!state.isRunning, "EventLoop.run: somebody is inside already")
            state.isRunning = true
        }
        defer { shared.withLock { $0.isRunning = false } }
        let outcome = OutcomeBox<Value>()
        Task(executorPreference: self) {
            do { outcome.store(.success(try await operation())) } catch { outcome.store(.failure(error)) }
        }
        while true {
            runJobs()
            if let result = outcome.value { return try result.get() }
            try driveTransfers()
        }
    }

    /// Suspends the calling task without blocking the loop's other tasks; returns early when the task is cancelled.
    public func sleep(milliseconds: Int) async {
        guard milliseconds > 0 else { return }
        let instant = ContinuousClock.now.advanced(by: .milliseconds(milliseconds))
        let number = shared.withLock { state in
            state.timersMade += 1
            return state.timersMade
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let timer = Timer(number: number, instant: instant, continuation: continuation)
                wake { $0.timers.append(timer) }
                // The handler may have run before the timer was there.
                if Task.isCancelled { cancelTimer(number) }
            }
        } onCancel: {
            cancelTimer(number)
        }
    }

    /// Takes a job of a task that prefers this executor.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        wake { $0.jobs.append(job) }
    }

    /// Hands a prepared transfer to the loop; its completion is called on the loop's thread.
    package func submit(_ transfer: Transfer) {
        wake { $0.submitted.append(transfer) }
    }

    /// Lets a transfer go on that has paused for want of bytes to send.
    func resume(_ transfer: Transfer) {
        wake { $0.resumed.append(transfer) }
    }

    /// Leaves something for the loop's thread, and wakes it if it sleeps.
    private func wake(_ leave: (inout Shared) -> Void) {
        let mustWake = shared.withLock { state in
            leave(&state)
            return state.claimWakeup()
        }
        if mustWake { curl_multi_wakeup(multi) }
    }

    /// Runs what can run; returns with jobs left only when they go on and on.
    private func runJobs() {
        var count = 0
        while count < Self.maximumJobsPerTurn {
            shared.withLock { swap(&$0.jobs, &batch) }
            if batch.isEmpty { return }
            for job in batch { job.runSynchronously(on: asUnownedTaskExecutor()) }
            count += batch.count
            batch.removeAll(keepingCapacity: true)
        }
    }

    /// Does what I/O and timers have to do, and waits for them when no task can go on.
    private func driveTransfers() throws(EventLoopError) {
        startTransfers()
        var running: Int32 = 0
        try Self.check(curl_multi_perform(multi, &running), "curl_multi_perform")
        finishTransfers()
        let timeout = fireTimers()
        let mayPoll = shared.withLock { state in
            state.isPolling = state.jobs.isEmpty && state.submitted.isEmpty && state.resumed.isEmpty
            return state.isPolling
        }
        guard mayPoll else { return }
        let result = curl_multi_poll(multi, nil, 0, timeout, nil)
        shared.withLock { $0.isPolling = false }
        try Self.check(result, "curl_multi_poll")
    }

    private static func check(_ code: CURLMcode, _ operation: String) throws(EventLoopError) {
        guard code != CURLM_OK else { return }
        throw EventLoopError(operation, String(cString: curl_multi_strerror(code)))
    }

    /// Starts what was submitted, and lets go on what has paused.
    private func startTransfers() {
        let (submitted, resumed) = shared.withLock { state in
            defer {
                state.submitted.removeAll()
                state.resumed.removeAll()
            }
            return (state.submitted, state.resumed)
        }
        for transfer in submitted {
            transfers[transfer.handle] = transfer
            let code = curl_multi_add_handle(multi, transfer.handle)
            if code != CURLM_OK {
                transfers[transfer.handle] = nil
                transfer.complete(CURLE_FAILED_INIT)
            }
        }
        // Whoever asked may have done so when the transfer had ended already.
        for transfer in resumed where transfers[transfer.handle] != nil {
            curl_easy_pause(transfer.handle, CURLPAUSE_CONT)
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

    private func cancelTimer(_ number: UInt64) {
        let timer = shared.withLock { state in
            state.timers.firstIndex { $0.number == number }.map { state.timers.remove(at: $0) }
        }
        timer?.continuation.resume()
    }

    /// Resumes what is due; returns how long the poll may last until the next timer, in milliseconds.
    private func fireTimers() -> Int32 {
        let now = ContinuousClock.now
        let (due, next) = shared.withLock { state in
            let due = state.timers.filter { $0.instant <= now }
            if !due.isEmpty { state.timers.removeAll { $0.instant <= now } }
            return (due, state.timers.map(\.instant).min())
        }
        for timer in due.sorted(by: { ($0.instant, $0.number) < ($1.instant, $1.number) }) {
            timer.continuation.resume()
        }
        guard let next else { return Self.maximumPollMilliseconds }
        let (seconds, attoseconds) = now.duration(to: next).components
        guard seconds < Int64(Self.maximumPollMilliseconds) / 1000 else { return Self.maximumPollMilliseconds }
        return Int32(clamping: max(seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1, 0))
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
