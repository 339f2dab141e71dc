import Foundation
import Testing

@testable import LocalEmulator

@Suite("Event sources and throttling") struct ThrottlingTests {
    private static let handler = """
        note(event if 'until' in event else [r.get('attributes', {}).get('ApproximateReceiveCount', '-') for r in event['Records']])
        if 'until' in event: wait_for(event['until'])
        """

    /// Keeps the function's only process busy until the file is there.
    private func occupy(_ rig: SourceRig, until file: String) {
        let host = rig.host
        let payload = JSONValue.object(["until": .string(file)]).serialized()
        Thread { _ = try? host.invoke("F", InvocationRequest(payload: payload)) }.start()
        _ = rig.waitForHistory { !$0.isEmpty }
    }

    private func isThrottled(_ event: EventSourceEvent) -> Bool {
        if case .batchFailed(_, _, _, let reason) = event { reason.contains("throttled") } else { false }
    }

    @Test("a queue's batch that is throttled is tried again within its visibility timeout, as the same receive")
    func queue() throws {
        let rig = try SourceRig(Self.handler, concurrency: 1, throttleMilliseconds: 1)
        defer { rig.stop() }
        let folder = try TemporaryFolder()
        // A visibility timeout longer than the test waits.
        _ = try rig.queues.createQueue(name: "q", attributes: ["VisibilityTimeout": "300"])
        try rig.queues.send(queue: "q", body: "1")
        occupy(rig, until: folder.path + "/go")
        rig.start {
            $0.queueSources = [QueueSource(function: "F", queue: "q", batchSize: 1, reportsItemFailures: true)]
        }
        #expect(rig.waitForEvent(isThrottled))
        try Data().write(to: URL(fileURLWithPath: folder.path + "/go"))
        #expect(rig.waitForHistory { $0.count == 2 }.last == ["1"])
    }

    @Test("a stream's batch that is throttled uses no retry up")
    func stream() throws {
        let rig = try SourceRig(Self.handler, concurrency: 1, throttleMilliseconds: 1)
        defer { rig.stop() }
        let folder = try TemporaryFolder()
        _ = try rig.streams.createStream(name: "s", shardCount: 1)
        try rig.streams.putRecord(stream: "s", data: Data("a".utf8), partitionKey: "k")
        occupy(rig, until: folder.path + "/go")
        rig.start {
            $0.streamSources = [
                StreamSource(
                    function: "F", stream: "s", batchSize: 10, startsAtLatest: false, reportsItemFailures: true,
                    bisectsOnError: false, maximumRetryAttempts: 0, maximumRecordAgeSeconds: -1)
            ]
        }
        #expect(rig.waitForEvent(isThrottled))
        try Data().write(to: URL(fileURLWithPath: folder.path + "/go"))
        #expect(rig.waitForHistory { $0.count == 2 }.last == ["-"])
        let discarded = rig.events.read { $0.contains { if case .recordsDiscarded = $0 { true } else { false } } }
        #expect(!discarded)
    }

    @Test("stopping waits for all deliveries together, not for one after the other")
    func commonDeadline() throws {
        let rig = try SourceRig("note(1)\nsignal.pause()")
        defer { rig.stop() }
        _ = try rig.queues.createQueue(name: "q")
        for body in ["1", "2", "3"] { try rig.queues.send(queue: "q", body: body) }
        rig.start {
            $0.queueSources = [
                QueueSource(
                    function: "F", queue: "q", batchSize: 1, reportsItemFailures: true, maximumConcurrency: 3)
            ]
        }
        #expect(rig.waitForHistory { $0.count == 3 }.count == 3)
        let timeout: Int64 = 1_000
        let begin = EmulatorClock.nowMilliseconds()
        rig.sources?.stop(timeoutMilliseconds: timeout)
        #expect(EmulatorClock.nowMilliseconds() - begin < 2 * timeout)
    }
}
