import CCurl
import Foundation
import Testing

@testable import CurlEventLoop

@Suite("EventLoop", .timeLimit(.minutes(1))) struct EventLoopTests {
    /// Longer than any test may take.
    private static let never = 600_000

    @Test("errors of the operation come out of run")
    func errors() async {
        struct Failure: Error {}
        await #expect(throws: Failure.self) { try await run(on: EventLoop()) { throw Failure() } }
    }

    @Test("a later deadline sleeps longer, and sleeping tasks do not block each other")
    func sleep() async throws {
        let loop = EventLoop()
        let order = try await run(on: loop) {
            await withTaskGroup(of: Int.self) { group in
                for delay in [30, 10, 20] {
                    group.addTask {
                        await loop.sleep(milliseconds: delay)
                        return delay
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
        }
        #expect(order == [10, 20, 30])
    }

    @Test("everything runs on the calling thread")
    func thread() async throws {
        let loop = EventLoop()
        let inside = try await onOwnThread {
            let outside = pthread_self()
            return try loop.run {
                await withTaskGroup(of: Bool.self) { group in
                    for _ in 0..<4 { group.addTask { pthread_equal(pthread_self(), outside) != 0 } }
                    return await group.reduce(true) { $0 && $1 }
                }
            }
        }
        #expect(inside)
    }

    @Test("a task that never waits leaves timers their turn")
    func timerBesideSpinningTask() async throws {
        let loop = EventLoop()
        let isOver = Counter()
        try await run(on: loop) {
            async let sleeper: Void = {
                await loop.sleep(milliseconds: 5)
                isOver.increase()
            }()
            while isOver.value == 0 { await Task.yield() }
            await sleeper
        }
    }

    @Test("a task that never waits leaves transfers their turn")
    func transferBesideSpinningTask() async throws {
        let loop = EventLoop()
        let isOver = Counter()
        let result = try await run(on: loop) {
            async let transfer: CURLcode? = {
                // Port 0 is nobody's: the connection fails, but only once the transfer is driven.
                let outcome = await Transfer(
                    url: "http://127.0.0.1:0", timeoutMilliseconds: 0, connectTimeoutMilliseconds: 10_000,
                    maximumBytes: 1
                )?.perform(on: loop)
                isOver.increase()
                return outcome?.result
            }()
            while isOver.value == 0 { await Task.yield() }
            return await transfer
        }
        #expect(result == CURLE_COULDNT_CONNECT)
    }

    @Test("a task left behind that never waits does not keep run from returning")
    func spinningTaskLeftBehind() async throws {
        let loop = EventLoop()
        let isOver = Counter()
        let value = try await run(on: loop) {
            Task(executorPreference: loop) { while isOver.value == 0 { await Task.yield() } }
            await loop.sleep(milliseconds: 1)
            return 1
        }
        isOver.increase()
        #expect(value == 1)
        // What was left goes on in the next run.
        try await run(on: loop) { await Task.yield() }
    }

    @Test("a sleep ends with its task's cancellation, also one from another thread")
    func cancelledSleep() async throws {
        let loop = EventLoop()
        try await run(on: loop) {
            let sleeper = Task(executorPreference: loop) { await loop.sleep(milliseconds: Self.never) }
            await loop.sleep(milliseconds: 1)
            await Task.detached { sleeper.cancel() }.value
            await sleeper.value
        }
    }

    @Test("a sleep of a task that is cancelled already does not begin")
    func sleepAfterCancellation() async throws {
        let loop = EventLoop()
        try await run(on: loop) {
            await withTaskGroup(of: Void.self) { group in
                group.cancelAll()
                group.addTask { await loop.sleep(milliseconds: Self.never) }
            }
        }
    }

    @Test("what another thread has done wakes the loop")
    func otherThread() async throws {
        let loop = EventLoop()
        let total = try await run(on: loop) {
            await withTaskGroup(of: Int.self) { group in
                for number in 1...20 { group.addTask { await Task.detached { number }.value } }
                return await group.reduce(0, +)
            }
        }
        #expect(total == 210)
    }
}
