/// In which order bootstraps are measured: everything once in each round, every round in an order of its own.
///
/// A machine drifts: it gets warm, somebody else's work comes and goes. Interleaved, that hits all alike; shuffled, no
/// bootstrap always runs behind the same other one.
struct RuntimePlan: Sendable {
    struct Step: Sendable, Hashable {
        let subject: RuntimeSubject
        /// Index of the bootstrap.
        let contender: Int
    }

    let rounds: [[Step]]

    init(rounds: Int, subjects: [RuntimeSubject], contenders: Int, seed: UInt64) {
        var generator = SplitMix64(state: seed)
        let steps = subjects.flatMap { subject in
            (0..<contenders).map { Step(subject: subject, contender: $0) }
        }
        self.rounds = (0..<rounds).map { _ in steps.shuffled(using: &generator) }
    }
}

/// A small generator whose sequence is the same everywhere (Steele, Lea, Flood: Fast Splittable Pseudorandom Number
/// Generators, 2014).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
