import Foundation
import LocalEmulator

/// Waits for the user to say that it is enough.
enum Interruption {
    /// Blocks until SIGINT or SIGTERM.
    static func wait() {
        let stopped = Monitor(false)
        var sources: [any DispatchSourceSignal] = []
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { stopped.withLock { $0 = true } }
            source.resume()
            sources.append(source)
        }
        _ = stopped.wait(untilMilliseconds: nil) { $0 ? true : nil }
        withExtendedLifetime(sources) {}
    }
}
