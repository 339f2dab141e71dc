import Foundation
import LocalEmulator
import Testing

@Suite("Schedules") struct ScheduleExpressionTests {
    private func date(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

    @Test(
        "the next moment",
        arguments: [
            ("cron(0 2 * * ? *)", "2026-01-15T01:59:59Z", "2026-01-15T02:00:00Z"),
            ("cron(0 2 * * ? *)", "2026-01-15T02:00:00Z", "2026-01-16T02:00:00Z"),
            ("cron(0/15 9-17 ? * MON-FRI *)", "2026-01-16T17:50:00Z", "2026-01-19T09:00:00Z"),
            ("cron(30 8 29 2 ? *)", "2026-01-01T00:00:00Z", "2028-02-29T08:30:00Z"),
            ("cron(0 0 1 JAN,JUL ? *)", "2026-01-01T00:00:00Z", "2026-07-01T00:00:00Z"),
            ("rate(5 minutes)", "2026-01-15T00:07:00Z", "2026-01-15T00:10:00Z"),
            ("rate(1 day)", "2026-01-15T00:00:00Z", "2026-01-16T00:00:00Z"),
        ])
    func next(expression: String, after: String, expected: String) throws {
        let schedule = try #require(ScheduleExpression(expression))
        let start = try date("2026-01-15T00:00:00Z")
        #expect(try schedule.next(after: date(after), start: start) == date(expected))
    }

    @Test(
        "what EventBridge refuses",
        arguments: [
            "cron(0 2 * * * *)", "cron(0 2 ? * ? *)", "cron(60 2 * * ? *)", "cron(0 2 * *)", "rate(5 minute)",
            "rate(1 minutes)", "rate(0 minutes)", "every day", "cron(0 2 32 * ? *)", "cron(a 2 * * ? *)",
        ])
    func refused(expression: String) {
        #expect(ScheduleExpression(expression) == nil)
    }

    @Test("a schedule whose years are over never fires again")
    func over() throws {
        let schedule = try #require(ScheduleExpression("cron(0 0 1 1 ? 2020)"))
        #expect(try schedule.next(after: date("2026-01-01T00:00:00Z"), start: .distantPast) == nil)
    }
}
