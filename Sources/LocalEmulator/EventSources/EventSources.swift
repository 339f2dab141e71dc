import Foundation

/// Everything of a template that drives its functions: queues, streams and schedules.
// @unchecked: the pollers are in a monitor.
public final class EventSources: @unchecked Sendable {
    /// Lambda starts an SQS mapping with five concurrent batches; two are enough to overlap here.
    private static let defaultQueueConcurrency = 2

    private let model: StackModel
    private let names: LocalNames
    private let queues: SQSService
    private let streams: KinesisService
    private let host: FunctionHost
    private let onEvent: @Sendable (EventSourceEvent) -> Void
    private let pollers = Monitor<[Poller]>([])
    private let start = Date()

    /// Connects the template's sources to its functions; nothing runs before `resume`.
    public init(
        model: StackModel, names: LocalNames, queues: SQSService, streams: KinesisService, host: FunctionHost,
        onEvent: @escaping @Sendable (EventSourceEvent) -> Void
    ) {
        self.model = model
        self.names = names
        self.queues = queues
        self.streams = streams
        self.host = host
        self.onEvent = onEvent
    }

    /// Starts every poller and schedule.
    public func resume() {
        var started: [Poller] = []
        for source in model.queueSources {
            let poller = QueuePoller(
                source: source, queues: queues, host: host, region: names.account.region, onEvent: onEvent)
            for number in 1...(source.maximumConcurrency ?? Self.defaultQueueConcurrency) {
                started.append(Poller(name: "sqs-\(source.function)-\(number)", step: poller.step))
            }
        }
        for source in model.streamSources {
            for shard in streams.shardIDs(stream: source.stream) {
                let poller = StreamPoller(
                    source: source, shard: shard, streams: streams, queues: queues, host: host, names: names,
                    onEvent: onEvent)
                started.append(Poller(name: "kinesis-\(source.function)", step: poller.step))
            }
        }
        for source in model.schedules {
            started.append(Poller(name: "schedule-\(source.function)", step: runner(source).step))
        }
        pollers.withLock { $0 += started }
    }

    /// Fires a function's schedules as if their moment were `date`.
    ///
    /// - Returns: whether the function has a schedule.
    public func fireSchedules(of function: String, at date: Date) -> Bool {
        let sources = model.schedules.filter { $0.function == function }
        for source in sources { runner(source).fire(at: date) }
        return !sources.isEmpty
    }

    /// Stops every poller and waits for the present deliveries, at most so long for all of them together.
    public func stop(timeoutMilliseconds: Int64 = 3_000) {
        let running = pollers.withLock { pollers in
            defer { pollers = [] }
            return pollers
        }
        for poller in running { poller.stop() }
        queues.wakeWaiters()
        streams.wakeWaiters()
        let deadline = EmulatorClock.nowMilliseconds() + timeoutMilliseconds
        for poller in running { poller.join(untilMilliseconds: deadline) }
    }

    private func runner(_ source: ScheduleSource) -> ScheduleRunner {
        ScheduleRunner(source: source, host: host, names: names, start: start)
    }
}
