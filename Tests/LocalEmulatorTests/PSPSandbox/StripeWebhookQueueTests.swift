import Foundation
import Testing

@testable import LocalEmulator

@Suite struct StripeWebhookQueueTests {
    private func delivery(_ event: String, of intent: String = "pi_1") -> StripeWebhookQueue.Delivery {
        .init(eventID: event, paymentIntent: intent, chargeReference: "ch_\(intent)", body: Data(event.utf8))
    }

    /// Takes everything that may go out now, accepting each.
    private func drain(_ queue: inout StripeWebhookQueue, at now: Int64 = 0) -> [String] {
        var events: [String] = []
        while let next = queue.takeNext(nowMilliseconds: now) {
            events.append(next.eventID)
            queue.accepted(next)
        }
        return events
    }

    @Test func goesInOrder() {
        var queue = StripeWebhookQueue()
        for event in ["a", "b", "c"] { queue.add(delivery(event)) }
        #expect(drain(&queue) == ["a", "b", "c"])
        #expect(queue.isIdle)
        #expect(queue.deliveredByCharge == ["ch_pi_1": 3])
    }

    @Test func givesOutOneDeliveryAtATime() {
        var queue = StripeWebhookQueue()
        queue.add(delivery("a"))
        queue.add(delivery("b", of: "pi_2"))
        #expect(queue.takeNext(nowMilliseconds: 0)?.eventID == "a")
        #expect(queue.takeNext(nowMilliseconds: 0) == nil)
        #expect(!queue.isIdle)
    }

    @Test func aFailedDeliveryHoldsBackItsOwnPaymentOnly() throws {
        var queue = StripeWebhookQueue()
        queue.add(delivery("a1", of: "pi_a"))
        queue.add(delivery("b1", of: "pi_b"))
        queue.add(delivery("a2", of: "pi_a"))
        let first = queue.takeNext(nowMilliseconds: 0)
        queue.failed(try #require(first), nowMilliseconds: 0)
        #expect(drain(&queue) == ["b1"])
        #expect(queue.nextDueMilliseconds == 0, "a2 is due but waits for a1")
        #expect(drain(&queue, at: StripeWebhookQueue.firstBackoffMilliseconds) == ["a1", "a2"])
    }

    @Test func d28TriesAreBoundedAndFurtherAndFurtherApart() {
        var queue = StripeWebhookQueue()
        queue.add(delivery("a"))
        var now: Int64 = 0
        var waits: [Int64] = []
        while let attempt = queue.takeNext(nowMilliseconds: now) {
            queue.failed(attempt, nowMilliseconds: now)
            guard let due = queue.nextDueMilliseconds else { break }
            waits.append(due - now)
            now = due
        }
        #expect(queue.counts.attempts == StripeWebhookQueue.maximumAttempts)
        #expect(queue.counts.abandoned == 1 && queue.counts.delivered == 0 && queue.isIdle)
        #expect(waits.prefix(4) == [100, 200, 400, 800])
        #expect(waits.last == StripeWebhookQueue.maximumBackoffMilliseconds)
    }

    @Test func copiesAreDuplicatesOfOneEvent() {
        var queue = StripeWebhookQueue()
        queue.copies = 3
        queue.add(delivery("a"))
        #expect(drain(&queue) == ["a", "a", "a"])
    }

    @Test func heldDeliveriesWaitAndGoInTheOrderAskedFor() {
        var queue = StripeWebhookQueue()
        queue.hold()
        let events = (0..<10).map(String.init)
        for event in events { queue.add(delivery(event)) }
        #expect(queue.takeNext(nowMilliseconds: 0) == nil && queue.nextDueMilliseconds == nil)
        var reversed = queue
        reversed.release(.reversed)
        #expect(drain(&reversed) == events.reversed())
        var shuffled = queue
        shuffled.release(.shuffled(seed: 7))
        let order = drain(&shuffled)
        #expect(order != events && order.sorted() == events)
        queue.release(.shuffled(seed: 7))
        #expect(drain(&queue) == order, "the same seed gives the same order")
    }
}
