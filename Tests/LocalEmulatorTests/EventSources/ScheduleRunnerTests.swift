import Foundation
import Testing

@testable import LocalEmulator

@Suite("Schedules as an event source") struct ScheduleRunnerTests {
    private func source(_ expression: String) throws -> ScheduleSource {
        ScheduleSource(function: "F", name: "Daily", expression: try #require(ScheduleExpression(expression)))
    }

    private func date(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

    @Test("the event has the shape of an EventBridge rule's, with the moment that was due")
    func shape() throws {
        let rig = try SourceRig("note(event)")
        defer { rig.stop() }
        let daily = try source("cron(0 2 * * ? *)")
        rig.start { $0.schedules = [daily] }
        let sources = try #require(rig.sources)
        #expect(sources.fireSchedules(of: "F", at: try date("2026-01-15T02:00:00Z")))
        #expect(!sources.fireSchedules(of: "G", at: Date()))
        var event = try #require(rig.waitForHistory { !$0.isEmpty }.first)
        #expect(event["id"]?.stringValue.flatMap(UUID.init) != nil)
        event["id"] = nil
        #expect(
            event == [
                "version": "0", "detail-type": "Scheduled Event", "source": "aws.events", "account": "000000000000",
                "time": "2026-01-15T02:00:00Z", "region": "eu-west-1",
                "resources": ["arn:aws:events:eu-west-1:000000000000:rule/FDaily"], "detail": [:],
            ])
    }

    @Test("the moment fires once when the clock reaches it, and not before")
    func moment() throws {
        let rig = try SourceRig("note(event['time'])")
        defer { rig.stop() }
        let due = try date("2026-01-15T02:00:00Z")
        // The clock is early by a few milliseconds three times, then on time for ever.
        let looks = Monitor(0)
        let runner = ScheduleRunner(
            source: try source("cron(0 2 * * ? *)"), host: rig.host,
            names: LocalNames(account: LocalNames.defaultAccount, endpoint: ""), start: due.addingTimeInterval(-3600),
            now: {
                let look = looks.withLock { looks in
                    looks += 1
                    return looks
                }
                return look <= 3 ? due.addingTimeInterval(-0.005) : due
            })
        let poller = Poller(name: "schedule-test", step: runner.step)
        #expect(rig.waitForHistory { !$0.isEmpty } == ["2026-01-15T02:00:00Z"])
        // It looks once more after firing, and then waits for tomorrow.
        #expect(
            looks.wait(untilMilliseconds: EmulatorClock.nowMilliseconds() + 20_000) { $0 >= 5 ? true : nil } == true)
        poller.stop()
        poller.join(untilMilliseconds: EmulatorClock.nowMilliseconds() + 20_000)
        #expect(rig.history == ["2026-01-15T02:00:00Z"])
    }
}
