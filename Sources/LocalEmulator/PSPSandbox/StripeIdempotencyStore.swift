import Foundation

/// What Stripe keeps under an `Idempotency-Key`: the first answer, once its endpoint had begun to execute.
///
/// Source: docs.stripe.com/api/idempotent_requests. Failures are kept as well as successes; answers to requests whose
/// parameters failed validation are not.
struct StripeIdempotencyStore: Sendable {
    /// What makes two requests the same request.
    struct Call: Sendable, Equatable {
        let method: String
        let path: String
        let form: StripeForm
    }

    /// A kept answer.
    struct Answer: Sendable, Equatable {
        let status: Int
        let body: Data
        let requestID: String
    }

    /// What to do with a request that carries a key.
    enum Admission: Equatable {
        /// The first of its key: execute, then `finish` or `release`.
        case execute
        /// Send the kept answer again.
        case replay(Answer)
        /// Refuse.
        case refuse(StripeError)
    }

    private enum Progress: Sendable {
        case executing
        case finished(Answer)
    }

    private struct Record: Sendable {
        let call: Call
        let beganMilliseconds: Int64
        var progress: Progress
    }

    /// Stripe's limit on the length of a key.
    static let maximumKeyLength = 255
    /// Stripe prunes keys once they are at least 24 hours old; a later use is a new request.
    static let lifetimeMilliseconds: Int64 = 24 * 60 * 60 * 1000

    private var records: [String: Record] = [:]

    /// How many answers were sent again.
    private(set) var replayCount = 0

    /// Decides about a request and, when it is the first of its key, takes the key.
    mutating func admit(_ key: String, _ call: Call, nowMilliseconds: Int64) -> Admission {
        guard key.count <= Self.maximumKeyLength else {
            return .refuse(
                .invalidParameter("Idempotency keys have at most \(Self.maximumKeyLength) characters."))
        }
        guard let record = records[key], nowMilliseconds - record.beganMilliseconds < Self.lifetimeMilliseconds else {
            records[key] = Record(call: call, beganMilliseconds: nowMilliseconds, progress: .executing)
            return .execute
        }
        guard record.call == call else { return .refuse(.idempotencyKeyReused(key)) }
        switch record.progress {
        case .executing:
            return .refuse(.idempotencyKeyInUse(key))
        case .finished(let answer):
            replayCount += 1
            return .replay(answer)
        }
    }

    /// Keeps the answer of an executed request.
    mutating func finish(_ key: String, _ answer: Answer) {
        records[key]?.progress = .finished(answer)
    }

    /// Gives the key back: the endpoint never began.
    mutating func release(_ key: String) {
        records[key] = nil
    }
}
