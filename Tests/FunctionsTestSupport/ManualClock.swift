import Domain
import FoundationEssentials
import Synchronization

/// A clock that stands still until it is told to move.
public final class ManualClock: WallClock {
    /// 2026-03-01T12:00:00Z: a time like any other.
    public static let defaultStart = Date(timeIntervalSince1970: 1_772_366_400)

    private let instant: Mutex<Date>

    public init(_ start: Date = ManualClock.defaultStart) {
        instant = Mutex(start)
    }

    public func now() -> Date { instant.withLock { $0 } }

    /// Moves on.
    public func advance(seconds: Double) {
        instant.withLock { $0 = $0.addingTimeInterval(seconds) }
    }
}

/// Ids that count up, so that a test can name them: `ch_1`, `evt_2`, …
public final class CountingIDGenerator: IDGenerator {
    private let count = Mutex(0)

    public init() {}

    public func make(prefix: String) -> String {
        count.withLock {
            $0 += 1
            return "\(prefix)_\($0)"
        }
    }
}
