import Foundation
import LocalEmulator

/// Control-C and SIGTERM: whatever a command has started is stopped and removed before the program ends.
enum Interruption {
    private struct State {
        var sources: [any DispatchSourceSignal] = []
        var cleanUps: [@Sendable () -> Void] = []
        var isWaiting = false
        var isRequested = false
    }

    /// Exit code of a program that a signal ended, as shells give it for SIGINT.
    private static let exitCode: Int32 = 130
    private static let state = Monitor(State())

    /// Begins to watch for the signals; called once, before any command runs.
    static func watch() {
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler(handler: interrupted)
            source.resume()
            return source
        }
        state.withLock { $0.sources = sources }
    }

    /// Registers what must be done if the program is interrupted; the last registered is done first.
    static func onInterruption(_ cleanUp: @escaping @Sendable () -> Void) {
        state.withLock { $0.cleanUps.append(cleanUp) }
    }

    /// Blocks until a signal; what follows is the normal end.
    static func wait() {
        state.withLock { $0.isWaiting = true }
        _ = state.wait(untilMilliseconds: nil) { $0.isRequested ? true : nil }
    }

    /// Starts what an interruption has to stop; none can come between the start and the registration.
    static func start<Started: Sendable>(
        _ begin: () throws -> Started, stop: @escaping @Sendable (Started) -> Void
    ) rethrows -> Started {
        while true {
            let started = try state.withLock { state -> Started? in
                guard !state.isRequested || state.isWaiting else { return nil }
                let started = try begin()
                state.cleanUps.append { stop(started) }
                return started
            }
            if let started { return started }
            giveWay()
        }
    }

    /// Does not return while an interruption is under way: the thread that cleans up also ends the program.
    ///
    /// For work that fails because what it waits for is being stopped, so that its failure is not taken for the result.
    static func giveWay() {
        while state.read({ $0.isRequested && !$0.isWaiting }) { Thread.sleep(forTimeInterval: 1) }
    }

    private static func interrupted() {
        let cleanUps = state.withLock { state -> [@Sendable () -> Void]? in
            // A second signal finds the end under way.
            guard !state.isRequested else { return nil }
            state.isRequested = true
            return state.isWaiting ? nil : state.cleanUps
        }
        guard let cleanUps else { return }
        for cleanUp in cleanUps.reversed() { cleanUp() }
        exit(exitCode)
    }
}
