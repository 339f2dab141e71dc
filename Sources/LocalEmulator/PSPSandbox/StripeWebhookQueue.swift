import Foundation

/// The webhooks that wait to be delivered.
///
/// Deliveries about one payment intent go out in the order of the queue, also when one has to be tried again;
/// payment intents do not wait for each other.
struct StripeWebhookQueue: Sendable {
    /// One event on its way to the endpoint.
    struct Delivery: Sendable, Equatable {
        let eventID: String
        let paymentIntent: String
        let chargeReference: String?
        let body: Data
        var failedAttempts = 0
        /// Not before this moment, milliseconds since 1970.
        var dueMilliseconds: Int64 = 0
    }

    /// Attempts before a delivery is given up. Stripe tries for three days; a local run wants an end within a minute.
    static let maximumAttempts = 12
    /// The wait after the first failure; it doubles with each further one.
    static let firstBackoffMilliseconds: Int64 = 100
    /// The longest wait.
    static let maximumBackoffMilliseconds: Int64 = 5_000

    /// In the order of delivery.
    private(set) var waiting: [Delivery] = []
    /// Whether one delivery is with the endpoint now.
    private(set) var isSending = false
    /// What has become of the deliveries so far.
    private(set) var counts = StripeSandboxState.Deliveries()
    /// Deliveries the endpoint accepted, by the merchant's charge id.
    private(set) var deliveredByCharge: [String: Int] = [:]
    /// Held deliveries wait until they are released.
    private(set) var isHeld = false
    /// How often each event is delivered; more than once imitates Stripe's duplicates.
    var copies = 1
    /// A stopped queue gives nothing out any more.
    var isStopped = false

    /// Whether everything was delivered or given up.
    var isIdle: Bool { waiting.isEmpty && !isSending }

    /// When the next delivery becomes due; `nil` when none will without something else happening.
    var nextDueMilliseconds: Int64? {
        isHeld || isStopped ? nil : waiting.map(\.dueMilliseconds).min()
    }

    /// Adds an event, as many times as `copies` says.
    mutating func add(_ delivery: Delivery) {
        for _ in 0..<copies { waiting.append(delivery) }
    }

    /// Keeps deliveries back from now on.
    mutating func hold() {
        isHeld = true
    }

    /// Lets the held deliveries go, in the order given.
    mutating func release(_ order: WebhookReleaseOrder) {
        isHeld = false
        switch order {
        case .asCreated: break
        case .reversed: waiting.reverse()
        case .shuffled(let seed):
            var generator = SplitMix64(seed: seed)
            waiting.shuffle(using: &generator)
        }
    }

    /// Takes the next delivery that may go out now; its answer is told by `accepted` or `failed`.
    mutating func takeNext(nowMilliseconds: Int64) -> Delivery? {
        guard !isHeld, !isStopped, !isSending else { return nil }
        var blocked: Set<String> = []
        for (index, delivery) in waiting.enumerated() where !blocked.contains(delivery.paymentIntent) {
            guard delivery.dueMilliseconds <= nowMilliseconds else {
                blocked.insert(delivery.paymentIntent)
                continue
            }
            isSending = true
            counts.attempts += 1
            return waiting.remove(at: index)
        }
        return nil
    }

    /// The endpoint accepted a delivery.
    mutating func accepted(_ delivery: Delivery) {
        isSending = false
        counts.delivered += 1
        if let charge = delivery.chargeReference { deliveredByCharge[charge, default: 0] += 1 }
    }

    /// The endpoint refused a delivery or did not answer: it is tried again later, before its successors, or given up.
    mutating func failed(_ delivery: Delivery, nowMilliseconds: Int64) {
        isSending = false
        var again = delivery
        again.failedAttempts += 1
        guard again.failedAttempts < Self.maximumAttempts else {
            counts.abandoned += 1
            return
        }
        let doubled = Self.firstBackoffMilliseconds << Int64(again.failedAttempts - 1)
        again.dueMilliseconds = nowMilliseconds + min(doubled, Self.maximumBackoffMilliseconds)
        let place = waiting.firstIndex { $0.paymentIntent == again.paymentIntent } ?? waiting.endIndex
        waiting.insert(again, at: place)
    }
}

/// In which order held webhooks are let go.
public enum WebhookReleaseOrder: Sendable, Equatable {
    /// As the events happened.
    case asCreated
    /// The latest first.
    case reversed
    /// At random, the same for the same seed.
    case shuffled(seed: UInt64)
}
