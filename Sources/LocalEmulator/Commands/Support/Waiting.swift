import Foundation

/// Waiting for a condition of a running system.
enum Waiting {
    private static let pauseMicroseconds: UInt32 = 50_000

    /// Looks again and again until the condition holds; `false` when the time is over first.
    static func until(seconds: Double, _ condition: () throws -> Bool) rethrows -> Bool {
        let deadline = Date().addingTimeInterval(seconds)
        while true {
            if try condition() { return true }
            if Date() > deadline { return false }
            usleep(pauseMicroseconds)
        }
    }
}
