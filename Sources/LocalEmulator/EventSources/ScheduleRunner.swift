import Foundation
import LambdaCodable
import LambdaEvents

/// Fires a schedule as an EventBridge rule does: an asynchronous invocation with a "Scheduled Event".
struct ScheduleRunner: Sendable {
    /// The longest sleep between looks at the clock, so that a changed clock is noticed.
    private static let maximumPauseMilliseconds: Int64 = 30_000

    let source: ScheduleSource
    let host: FunctionHost
    let names: LocalNames
    let start: Date
    var now: @Sendable () -> Date = { Date() }

    /// Waits for the next moment and fires; returns early when stopped or when the moment is far away.
    func step(_ poller: Poller) {
        let present = now()
        guard let next = source.expression.next(after: present, start: start) else {
            poller.pause(milliseconds: Self.maximumPauseMilliseconds)
            return
        }
        let wait = Int64(next.timeIntervalSince(present) * 1000)
        poller.pause(milliseconds: min(max(wait, 1), Self.maximumPauseMilliseconds))
        if !poller.isStopped && now() >= next { fire(at: next) }
    }

    /// Invokes the function as if the schedule's moment were `date`.
    func fire(at date: Date) {
        let event = EventBridgeEvent(
            id: UUID().uuidString.lowercased(), detailType: "Scheduled Event", source: "aws.events",
            account: names.account.id, time: date.formatted(.iso8601), region: names.account.region,
            resources: [names.account.arn("events", "rule/\(source.function)\(source.name)")],
            detail: [String: String]())
        guard let payload = try? Data(event.lambdaPayload()) else { return }
        try? host.invokeLater(source.function, InvocationRequest(payload: payload))
    }
}
