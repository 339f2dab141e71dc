import Foundation
import LambdaEvents

/// Delivers a queue's messages to a function as Lambda's SQS event source mapping does.
///
/// Failed messages are neither deleted nor made visible: they come back when their visibility timeout ends, and move
/// to the dead-letter queue when the queue's redrive policy says so.
struct QueuePoller: Sendable {
    /// How long one receive waits for messages (SQS long polling: at most 20 s; short, so that stopping is quick).
    private static let waitMilliseconds = 1_000
    /// The pause before a throttled batch is tried again; the pool has waited for a free process before.
    private static let throttlePauseMilliseconds: Int64 = 200

    let source: QueueSource
    let queues: SQSService
    let host: FunctionHost
    let region: String
    let onEvent: @Sendable (EventSourceEvent) -> Void

    /// Receives one batch, hands it to the function, and deletes what succeeded.
    func step(_ poller: Poller) {
        let messages = queues.receive(
            queue: source.queue, maximumMessages: source.batchSize, waitMilliseconds: Self.waitMilliseconds)
        guard !messages.isEmpty else { return }
        deliver(messages, poller)
    }

    private func deliver(_ messages: [SQSMessage], _ poller: Poller) {
        let payload = Data(SQSEvent(records: messages.map(record)).lambdaPayload())
        let request = InvocationRequest(payload: payload, traceID: trace(messages))
        guard let result = invoke(request, messages.count, poller) else { return }
        let outcome = BatchOutcome(
            result, reportsItemFailures: source.reportsItemFailures, identifiers: Set(messages.map(\.messageID)))
        switch outcome {
        case .allSucceeded: delete(messages)
        case .failed(let identifiers):
            delete(messages.filter { !identifiers.contains($0.messageID) })
            checkOrder(messages, failed: identifiers)
            report(identifiers.count, "reported by the function")
        case .wholeBatchFailed(let reason): report(messages.count, reason)
        }
    }

    /// Throttled batches are tried again until their messages are visible again: that uses up no further receive.
    ///
    /// - Returns: `nil` when the function never got the event.
    private func invoke(_ request: InvocationRequest, _ count: Int, _ poller: Poller) -> InvocationResult? {
        let visibleAt = EmulatorClock.nowMilliseconds() + visibilityMilliseconds
        var isReported = false
        while true {
            do { return try host.invoke(source.function, request) } catch {
                if !isReported { report(count, "\(error)") }
                isReported = true
                guard case .throttled = error else { return nil }
            }
            poller.pause(milliseconds: Self.throttlePauseMilliseconds)
            guard !poller.isStopped, EmulatorClock.nowMilliseconds() < visibleAt else { return nil }
        }
    }

    private var visibilityMilliseconds: Int64 {
        let seconds = try? queues.withQueue(source.queue) { $0.attributes.visibilityTimeoutSeconds }
        return Int64(seconds ?? 0) * 1000
    }

    private func delete(_ messages: [SQSMessage]) {
        for message in messages { queues.delete(queue: source.queue, receiptHandle: message.receiptHandle) }
    }

    private func report(_ count: Int, _ reason: String) {
        onEvent(.batchFailed(function: source.function, source: source.queue, records: count, reason: reason))
    }

    /// AWS deletes whatever is not reported, also messages behind a failed one of the same group. A standard queue's
    /// groups mean fairness, not order.
    private func checkOrder(_ messages: [SQSMessage], failed: Set<String>) {
        guard source.queue.hasSuffix(".fifo") else { return }
        var failedGroups: Set<String> = []
        for message in messages {
            guard let group = message.attributes["MessageGroupId"] else { continue }
            if failed.contains(message.messageID) {
                failedGroups.insert(group)
            } else if failedGroups.contains(group) {
                onEvent(.orderViolated(function: source.function, source: source.queue, messageGroup: group))
                return
            }
        }
    }

    private func trace(_ messages: [SQSMessage]) -> String? { messages.first?.attributes["AWSTraceHeader"] }

    private func record(_ message: SQSMessage) -> SQSEvent.Record {
        SQSEvent.Record(
            messageID: message.messageID, receiptHandle: message.receiptHandle, body: message.body,
            attributes: message.attributes,
            messageAttributes: (message.messageAttributes.objectValue ?? [:]).mapValues { attribute in
                SQSEvent.MessageAttribute(
                    dataType: attribute["DataType"]?.stringValue ?? "String",
                    stringValue: attribute["StringValue"]?.stringValue,
                    binaryValue: attribute["BinaryValue"]?.stringValue)
            },
            md5OfMessageAttributes: message.md5OfMessageAttributes, md5OfBody: message.md5OfBody,
            eventSourceARN: queues.arn(ofQueue: source.queue), awsRegion: region)
    }
}
