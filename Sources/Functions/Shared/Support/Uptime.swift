/// A clock for durations.
public enum Uptime {
    private static let origin = ContinuousClock.now

    /// Milliseconds since some moment in this process's life; never goes back.
    public static func milliseconds() -> Int64 {
        let (seconds, attoseconds) = origin.duration(to: .now).components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
