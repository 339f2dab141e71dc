import Foundation

/// A thread that lives as long as the process and starts its servers.
///
/// The kernel's parent-death signal is sent when the *thread* that made the child ends, so a server started from a
/// thread of a pool would die with that thread.
enum SpawningThread {
    private typealias Job = @Sendable () -> Void

    private static let jobs: Monitor<[Job]> = {
        let jobs = Monitor<[Job]>([])
        let thread = Thread {
            while true {
                jobs.wait(untilMilliseconds: nil) { $0.isEmpty ? nil : $0.removeFirst() }?()
            }
        }
        thread.name = "spawn"
        thread.start()
        return jobs
    }()

    /// Runs `body` on the thread and returns its result.
    static func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) -> Value {
        let outcome = Monitor<Value?>(nil)
        jobs.withLock { $0.append { outcome.withLock { $0 = body() } } }
        while true {
            if let value = outcome.wait(untilMilliseconds: nil, { $0 }) { return value }
        }
    }
}
