import LocalEmulator

/// What the runtime has to reach, and whether it did.
struct RuntimeGoal: Sendable, Equatable {
    /// On which side of the limit the good values are.
    enum Direction: String, Sendable { case atMost = "at most", atLeast = "at least" }

    let what: String
    let direction: Direction
    let limit: Double
    let unit: String
    let measured: Double

    var isReached: Bool { direction == .atMost ? measured <= limit : measured >= limit }

    var document: JSONValue {
        [
            "what": .string(what), "direction": .string(direction.rawValue), "limit": .number(limit),
            "unit": .string(unit), "measured": .number(measured), "reached": .bool(isReached),
        ]
    }
}

/// Everything that was measured.
struct RuntimeResults: Sendable {
    /// The bootstrap whose goals these are.
    static let echo = "echo"
    /// The C loop over libcurl that parses nothing.
    static let floor = "floor"
    /// The C loop over one socket; no goal is measured by it.
    static let socketFloor = "socket-floor"
    /// AWS's runtime for Python.
    static let peer = "awslambdaric"
    /// All of them, as a sentence lists them.
    static let standardNames = "\(echo), \(floor), \(socketFloor) or \(peer)"

    /// Growth of the resident memory that still counts as flat, in kB: some pages of an allocator's here and there, but
    /// not a single byte for every tenth invocation of a million.
    static let flatnessKilobytes = 64
    /// After so many invocations every cache is filled and every code path taken.
    static let warmInvocations = 10_000

    /// Bootstraps that do not read the records they are sent, and so do less than the echo: the floor is one.
    var unread: [String] = []
    var compared: [RuntimeSubject: [String: RuntimeFigures]] = [:]
    var resident: [RuntimeHarnessReport.Resident] = []
    var tls: [RuntimeTLSFigures] = []
    var functions: [RuntimeFunctionFigures] = []

    /// The goals for what was measured; ratios only where both sides were.
    var goals: [RuntimeGoal] {
        var goals: [RuntimeGoal] = []
        goals += ratios(.start, "exec to first response", \.firstResponseMilliseconds, floor: 1.25, peer: 0.06)
        goals += ratios(.sqs, "SQS p50", \.p50Microseconds, floor: 1.15, peer: 0.35)
        goals += ratios(.kinesis, "Kinesis p50", \.p50Microseconds, floor: 2.7, peer: 0.28)
        if let large = compared[.large]?[Self.echo] {
            goals.append(goal("6 MB event", .atLeast, 500, "MB/s", large.megabytesPerSecond))
        }
        let peaks = [RuntimeSubject.start, .sqs, .kinesis].compactMap { compared[$0]?[Self.echo]?.peakMegabytes }
        if let peak = peaks.max() { goals.append(goal("peak RSS", .atMost, 8, "MB", peak)) }
        if let warm = resident.first(where: { $0.after >= Self.warmInvocations }), let last = resident.last {
            goals.append(
                goal(
                    "RSS growth from \(warm.after) to \(last.after) invocations", .atMost,
                    Double(Self.flatnessKilobytes), "kB", Double(last.kilobytes - warm.kilobytes)))
        }
        if let first = tls.first {
            goals.append(goal("first TLS request, \(first.roots)", .atMost, 5, "ms", first.firstMilliseconds))
        }
        goals += functions.map { function in
            goal("\(function.name): exec to first next / echo", .atMost, 2.5, "x", function.ratio)
        }
        return goals
    }

    private func ratios(
        _ subject: RuntimeSubject, _ what: String, _ value: (RuntimeFigures) -> Double, floor: Double, peer: Double
    ) -> [RuntimeGoal] {
        guard let figures = compared[subject], let echo = figures[Self.echo] else { return [] }
        return [(Self.floor, floor), (Self.peer, peer)].compactMap { name, limit in
            guard let other = figures[name], value(other) > 0 else { return nil }
            return goal("\(what) / \(name)", .atMost, limit, "x", value(echo) / value(other))
        }
    }

    private func goal(
        _ what: String, _ direction: RuntimeGoal.Direction, _ limit: Double, _ unit: String, _ measured: Double
    ) -> RuntimeGoal {
        RuntimeGoal(what: what, direction: direction, limit: limit, unit: unit, measured: measured)
    }
}
