import CurlEventLoop
import Foundation
import HTTPClient

/// Delivers webhooks from a thread of its own, one at a time, signed, with bounded retries.
final class StripeWebhookSender: Sendable {
    /// How long the endpoint may take to answer one delivery.
    static let timeoutMilliseconds = 10_000
    /// How long the thread sleeps when nothing is due; every change wakes it earlier.
    private static let idleMilliseconds: Int64 = 60_000

    private let queue = Monitor(StripeWebhookQueue())
    private let secret: String
    private let endpoint: @Sendable () -> String?
    private let nowMilliseconds: @Sendable () -> Int64

    init(
        secret: String, endpoint: @escaping @Sendable () -> String?,
        nowMilliseconds: @escaping @Sendable () -> Int64
    ) {
        self.secret = secret
        self.endpoint = endpoint
        self.nowMilliseconds = nowMilliseconds
        let thread = Thread { [self] in deliverUntilStopped() }
        thread.name = "stripe-webhooks"
        thread.start()
    }

    /// Queues events; without an endpoint nobody is told, as at Stripe.
    func enqueue(_ events: [StripeEvent]) {
        guard !events.isEmpty, endpoint() != nil else { return }
        let deliveries = events.map {
            StripeWebhookQueue.Delivery(
                eventID: $0.id, paymentIntent: $0.paymentIntent, chargeReference: $0.chargeReference,
                body: $0.rendered.serialized())
        }
        queue.withLock { queue in
            for delivery in deliveries { queue.add(delivery) }
        }
    }

    /// Changes the queue and wakes the thread.
    func change(_ body: (inout StripeWebhookQueue) -> Void) {
        queue.withLock(body)
    }

    /// Reads the queue.
    func read<Value>(_ body: (StripeWebhookQueue) -> Value) -> Value {
        queue.read(body)
    }

    /// Waits until everything was delivered or given up; false when the time is over first.
    func waitUntilIdle(timeoutMilliseconds: Int) -> Bool {
        let deadline = EmulatorClock.nowMilliseconds() + Int64(timeoutMilliseconds)
        return queue.wait(untilMilliseconds: deadline) { $0.isIdle ? true : nil } ?? false
    }

    /// The signature header a webhook of this body carries now.
    func signatureHeader(of body: Data) -> String {
        StripeWebhookSignature.header(body: body, secret: secret, seconds: nowMilliseconds() / 1000)
    }

    /// Ends the thread after the delivery it is at.
    func stop() {
        queue.withLock { $0.isStopped = true }
    }

    private func deliverUntilStopped() {
        // The loop is made here because it runs on one thread only: this one.
        let loop = EventLoop()
        let client = HTTPClient(loop: loop)
        while !queue.read({ $0.isStopped }) {
            let now = EmulatorClock.nowMilliseconds()
            let wakeUp = queue.read { $0.nextDueMilliseconds }.map { max($0, now) } ?? now + Self.idleMilliseconds
            let delivery = queue.wait(untilMilliseconds: wakeUp) { queue in
                queue.takeNext(nowMilliseconds: EmulatorClock.nowMilliseconds())
            }
            guard let delivery else { continue }
            let isAccepted = post(delivery, loop, client)
            queue.withLock { queue in
                if isAccepted {
                    queue.accepted(delivery)
                } else {
                    queue.failed(delivery, nowMilliseconds: EmulatorClock.nowMilliseconds())
                }
            }
        }
    }

    private func post(_ delivery: StripeWebhookQueue.Delivery, _ loop: EventLoop, _ client: HTTPClient) -> Bool {
        guard let url = endpoint() else { return false }
        let request = HTTPRequest(
            method: "POST", url: url,
            headers: [
                "Content-Type": "application/json; charset=utf-8", "User-Agent": "Stripe/1.0 (sandbox)",
                // Each attempt is signed anew: the receiver's tolerance counts from the moment of sending.
                "Stripe-Signature": signatureHeader(of: delivery.body),
            ],
            body: delivery.body, timeoutMilliseconds: Self.timeoutMilliseconds)
        // A redirect is no acceptance: Stripe counts only 2xx.
        let response = try? loop.run { try await client.send(request) }
        return response.map { (200..<300).contains($0.status) } ?? false
    }
}
