import LocalEmulator

/// One of the things that each round measures.
struct RuntimeMeasurement: Sendable {
    let subject: RuntimeSubject
    let contender: RuntimeContender
    /// What the harness is told.
    let arguments: [String]
}

/// In which order things are measured: everything once in each round, every round in an order of its own.
///
/// A machine drifts: it gets warm, somebody else's work comes and goes. Interleaved, that hits all alike; shuffled, no
/// bootstrap always runs behind the same other one.
struct RuntimePlan: Sendable {
    /// Indices of what is measured.
    let rounds: [[Int]]

    init(rounds: Int, measurements: Int, seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        self.rounds = (0..<rounds).map { _ in (0..<measurements).shuffled(using: &generator) }
    }
}
