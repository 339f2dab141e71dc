import Foundation
import Testing

@testable import LocalEmulator

@Suite struct SQSQueueTests {
    let clock = ManualClock()
    let service: SQSService

    init() throws {
        service = SQSService(account: "123456789012", region: "eu-central-1", baseURL: { "http://x" }, now: clock.now)
        try service.createQueue(name: "dead.fifo", attributes: ["FifoQueue": "true"])
        try service.createQueue(
            name: "jobs.fifo",
            attributes: [
                "FifoQueue": "true", "VisibilityTimeout": "30",
                "RedrivePolicy":
                    "{\"deadLetterTargetArn\":\"\(service.arn(ofQueue: "dead.fifo"))\",\"maxReceiveCount\":2}",
            ])
        try service.createQueue(name: "plain", attributes: ["VisibilityTimeout": "30"])
    }

    private func send(_ body: String, group: String, id: String? = nil) throws {
        try service.send(
            queue: "jobs.fifo", body: body, messageGroupID: group, messageDeduplicationID: id ?? body)
    }

    private func receive(_ maximum: Int = 10, queue: String = "jobs.fifo") -> [SQSMessage] {
        service.receive(queue: queue, maximumMessages: maximum)
    }

    @Test func `a group delivers nothing more while one of its messages is in flight`() throws {
        try send("a1", group: "a")
        try send("a2", group: "a")
        try send("b1", group: "b")
        let first = receive(1)
        #expect(first.map(\.body) == ["a1"])
        #expect(receive().map(\.body) == ["b1"])
        #expect(service.delete(queue: "jobs.fifo", receiptHandle: first[0].receiptHandle))
        #expect(receive().map(\.body) == ["a2"])
    }

    @Test func `a failed message holds its group back until it is visible again and then comes first`() throws {
        try send("a1", group: "a")
        try send("a2", group: "a")
        #expect(receive(1).map(\.body) == ["a1"])
        clock.advance(seconds: 29)
        #expect(receive().isEmpty)
        clock.advance(seconds: 1)
        let again = receive()
        #expect(again.map(\.body) == ["a1", "a2"])
        #expect(again.map { $0.attributes["ApproximateReceiveCount"] } == ["2", "1"])
    }

    @Test func `one receive takes as many messages of a group as it can, in order`() throws {
        for number in 1...3 {
            try send("a\(number)", group: "a")
            try send("b\(number)", group: "b")
        }
        #expect(receive(4).map(\.body) == ["a1", "a2", "a3", "b1"])
        #expect(receive().isEmpty)
    }

    @Test func `a message received too often moves to the dead-letter queue with its id and body`() throws {
        try send("poison", group: "a")
        try send("next", group: "a")
        let first = try #require(receive(1).first)
        clock.advance(seconds: 30)
        #expect(receive(1).map(\.messageID) == [first.messageID])
        clock.advance(seconds: 30)
        #expect(receive(1).map(\.body) == ["next"])
        let dead = receive(queue: "dead.fifo")
        #expect(dead.map(\.messageID) == [first.messageID])
        #expect(dead.map(\.body) == ["poison"])
        #expect(dead[0].attributes["DeadLetterQueueSourceArn"] == service.arn(ofQueue: "jobs.fifo"))
        #expect(dead[0].attributes["SentTimestamp"] == first.attributes["SentTimestamp"])
    }

    @Test func `D-19 a deduplication id is remembered for exactly five minutes`() throws {
        let first = try service.send(
            queue: "jobs.fifo", body: "one", messageGroupID: "g", messageDeduplicationID: "job_1")
        clock.advance(seconds: 299)
        let repeated = try service.send(
            queue: "jobs.fifo", body: "one", messageGroupID: "g", messageDeduplicationID: "job_1")
        #expect(repeated == first)
        #expect(service.depth(queue: "jobs.fifo").visible == 1)
        clock.advance(seconds: 1)
        let later = try service.send(
            queue: "jobs.fifo", body: "one", messageGroupID: "g", messageDeduplicationID: "job_1")
        #expect(later.messageID != first.messageID)
        #expect(service.depth(queue: "jobs.fifo").visible == 2)
    }

    @Test func `deleting a message does not forget its deduplication id`() throws {
        try send("one", group: "g")
        for message in receive() { service.delete(queue: "jobs.fifo", receiptHandle: message.receiptHandle) }
        try send("one", group: "g")
        #expect(service.depth(queue: "jobs.fifo").visible == 0)
    }

    @Test func `content-based deduplication compares bodies`() throws {
        try service.createQueue(
            name: "content.fifo", attributes: ["FifoQueue": "true", "ContentBasedDeduplication": "true"])
        for body in ["same", "same", "other"] {
            try service.send(queue: "content.fifo", body: body, messageGroupID: "g")
        }
        #expect(service.messages(queue: "content.fifo").map(\.body) == ["same", "other"])
    }

    @Test func `sequence numbers of a FIFO queue have twenty digits and grow`() throws {
        for number in 1...3 { try send("m\(number)", group: "g\(number)") }
        let numbers = receive().compactMap { $0.attributes["SequenceNumber"] }
        #expect(numbers.count == 3)
        #expect(numbers.allSatisfy { $0.count == 20 })
        #expect(numbers == numbers.sorted())
    }

    @Test func `an expired receipt handle of a FIFO queue deletes nothing`() throws {
        try send("a1", group: "a")
        let message = try #require(receive().first)
        clock.advance(seconds: 30)
        #expect(!service.delete(queue: "jobs.fifo", receiptHandle: message.receiptHandle))
        #expect(service.depth(queue: "jobs.fifo").visible == 1)
    }

    @Test func `only the latest receipt handle of a standard queue deletes`() throws {
        try service.send(queue: "plain", body: "m")
        let first = try #require(receive(queue: "plain").first)
        clock.advance(seconds: 30)
        let second = try #require(receive(queue: "plain").first)
        #expect(first.receiptHandle != second.receiptHandle)
        #expect(!service.delete(queue: "plain", receiptHandle: first.receiptHandle))
        #expect(service.delete(queue: "plain", receiptHandle: second.receiptHandle))
        #expect(service.messages(queue: "plain").isEmpty)
    }

    @Test func `visibility zero shows a message at once`() throws {
        try service.send(queue: "plain", body: "m")
        let message = try #require(receive(queue: "plain").first)
        #expect(receive(queue: "plain").isEmpty)
        #expect(service.changeVisibility(queue: "plain", receiptHandle: message.receiptHandle, timeoutSeconds: 0))
        #expect(receive(queue: "plain").map(\.body) == ["m"])
    }

    @Test func `depth tells visible, in flight and delayed messages apart`() throws {
        try service.send(queue: "plain", body: "1")
        try service.send(queue: "plain", body: "2")
        try service.send(queue: "plain", body: "3", delaySeconds: 60)
        _ = receive(1, queue: "plain")
        let depth = service.depth(queue: "plain")
        #expect(depth.visible == 1 && depth.inFlight == 1 && depth.delayed == 1)
        clock.advance(seconds: 60)
        #expect(service.depth(queue: "plain").visible == 3)
    }

    @Test func `messages are dropped when their retention is over`() throws {
        try service.send(queue: "plain", body: "old")
        clock.advance(seconds: 345_599)
        try service.send(queue: "plain", body: "new")
        #expect(service.depth(queue: "plain").visible == 2)
        clock.advance(seconds: 1)
        #expect(receive(queue: "plain").map(\.body) == ["new"])
    }
}

/// Long polls wait by the wall clock, so these run on it; they wait on each other, not on time.
@Suite struct SQSLongPollTests {
    let service: SQSService

    init() throws {
        service = SQSService(account: "123456789012", region: "eu-central-1", baseURL: { "http://x" })
        try service.createQueue(name: "plain")
    }

    @Test func `a long poll returns as soon as a message is sent`() throws {
        let started = EmulatorClock.nowMilliseconds()
        let poll = Background { [service] in
            service.receive(queue: "plain", maximumMessages: 1, waitMilliseconds: 20_000).map(\.body)
        }
        try service.send(queue: "plain", body: "hello")
        #expect(poll.value() == ["hello"])
        #expect(EmulatorClock.nowMilliseconds() - started < 10_000)
    }

    @Test func `a long poll returns when a hidden message shows itself again`() throws {
        try service.send(queue: "plain", body: "hello")
        #expect(service.receive(queue: "plain", maximumMessages: 1, visibilityTimeoutSeconds: 1).count == 1)
        let poll = Background { [service] in
            service.receive(queue: "plain", maximumMessages: 1, waitMilliseconds: 20_000).map(\.body)
        }
        #expect(poll.value() == ["hello"])
    }

    @Test func `a long poll on a queue that is created later gets its messages`() throws {
        let poll = Background { [service] in
            service.receive(queue: "late", maximumMessages: 1, waitMilliseconds: 20_000).map(\.body)
        }
        try service.createQueue(name: "late")
        try service.send(queue: "late", body: "hello")
        #expect(poll.value() == ["hello"])
    }

    @Test func `a long poll on a dead-letter queue wakes when a message moves there`() throws {
        try service.createQueue(name: "dead")
        try service.createQueue(
            name: "source",
            attributes: [
                "VisibilityTimeout": "0",
                "RedrivePolicy":
                    "{\"deadLetterTargetArn\":\"\(service.arn(ofQueue: "dead"))\",\"maxReceiveCount\":1}",
            ])
        try service.send(queue: "source", body: "poison")
        #expect(service.receive(queue: "source", maximumMessages: 1).count == 1)
        let dead = Background { [service] in
            service.receive(queue: "dead", maximumMessages: 1, waitMilliseconds: 20_000).map(\.body)
        }
        // This receive finds nothing to deliver; it only moves the message and waits on.
        let source = Background { [service] in
            service.receive(queue: "source", maximumMessages: 1, waitMilliseconds: 20_000).map(\.body)
        }
        #expect(dead.value() == ["poison"])
        try service.send(queue: "source", body: "next")
        #expect(source.value() == ["next"])
    }

    @Test func `waking the waiters ends a long poll empty-handed`() throws {
        let isPolling = Monitor(false)
        let poll = Background { [service] in
            isPolling.withLock { $0 = true }
            return service.receive(queue: "plain", maximumMessages: 1, waitMilliseconds: 20_000).count
        }
        _ = isPolling.wait(untilMilliseconds: nil) { $0 ? true : nil }
        // The poll may not have begun to wait yet, so it is woken until it is over.
        let waker = Background { [service] in
            var count = poll.peek()
            while count == nil {
                service.wakeWaiters()
                count = poll.peek()
            }
            return count
        }
        #expect(waker.value() == 0)
    }

    @Test func `concurrent receivers never get the same message`() throws {
        for number in 0..<200 { try service.send(queue: "plain", body: "\(number)") }
        let receivers = (0..<4).map { _ in
            Background { [service] in
                var bodies: [String] = []
                while true {
                    let batch = service.receive(queue: "plain", maximumMessages: 7)
                    if batch.isEmpty { return bodies }
                    bodies += batch.map(\.body)
                }
            }
        }
        let bodies = receivers.flatMap { $0.value() ?? [] }
        #expect(bodies.count == 200)
        #expect(Set(bodies).count == 200)
    }
}
