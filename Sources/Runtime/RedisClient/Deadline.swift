/// A moment by which something has to be over, on a clock that never goes back.
struct Deadline {
    private let instant: ContinuousClock.Instant

    init(afterMilliseconds milliseconds: Int) {
        instant = ContinuousClock.now.advanced(by: .milliseconds(milliseconds))
    }

    private init(_ instant: ContinuousClock.Instant) {
        self.instant = instant
    }

    /// This moment, or the one so many milliseconds from now if that comes first.
    func orAtMost(_ milliseconds: Int) -> Deadline {
        Deadline(min(instant, ContinuousClock.now.advanced(by: .milliseconds(milliseconds))))
    }

    /// Milliseconds left, rounded up; zero when it is over.
    var remainingMilliseconds: Int32 {
        let (seconds, attoseconds) = ContinuousClock.now.duration(to: instant).components
        let (wholeMilliseconds, rest) = attoseconds.quotientAndRemainder(dividingBy: 1_000_000_000_000_000)
        return Int32(clamping: max(0, seconds * 1_000 + wholeMilliseconds + (rest > 0 ? 1 : 0)))
    }
}
