import Cryptography
import Foundation

extension SQSService {
    /// Checks a draft against the queue's rules and sends it.
    func send(
        _ draft: SQSDraft, queue name: String
    ) throws(AWSServiceError) -> (receipt: SQSSendReceipt, md5OfBody: String) {
        guard !draft.body.isEmpty else { throw SQSErrors.missingParameter("MessageBody") }
        guard Self.hasOnlyAllowedCharacters(draft.body) else {
            throw AWSServiceError(
                "InvalidMessageContents",
                "The message contains characters outside the allowed set (#x9, #xA, #xD, #x20 to #xD7FF, "
                    + "#xE000 to #xFFFD, #x10000 to #x10FFFF).",
                queryCode: "InvalidMessageContents")
        }
        let md5OfBody = MD5.hexDigest(Array(draft.body.utf8))
        return try withQueue(name) { (queue) throws(AWSServiceError) in
            try Self.check(draft, against: queue.attributes)
            return (queue.send(draft, md5OfBody: md5OfBody, nowMilliseconds: now()), md5OfBody)
        }
    }

    /// Bytes that count towards the limits of a message and of a batch.
    static func byteCount(_ draft: SQSDraft) -> Int {
        draft.body.utf8.count + draft.attributes.reduce(0) { $0 + $1.value.byteCount(named: $1.key) }
    }

    private static func check(_ draft: SQSDraft, against queue: SQSQueueAttributes) throws(AWSServiceError) {
        guard byteCount(draft) <= queue.maximumMessageSize else {
            throw SQSErrors.invalidParameter(
                "One or more parameters are invalid. Reason: Message must be shorter than "
                    + "\(queue.maximumMessageSize) bytes.")
        }
        if let delay = draft.delaySeconds {
            guard !queue.isFIFO || delay == 0 else {
                throw SQSErrors.invalidParameter("DelaySeconds", value: String(delay), reason: notForThisQueueType)
            }
            guard SQSLimits.delaySeconds.contains(delay) else {
                throw SQSErrors.invalidParameter(
                    "DelaySeconds", value: String(delay), reason: "DelaySeconds must be >= 0 and <= 900.")
            }
        }
        try checkIdentifier(draft.groupID, "MessageGroupId")
        try checkIdentifier(draft.deduplicationID, "MessageDeduplicationId")
        guard queue.isFIFO else {
            // A group id on a standard queue is allowed (fair queues); a deduplication id is not.
            guard let identifier = draft.deduplicationID else { return }
            throw SQSErrors.invalidParameter(
                "MessageDeduplicationId", value: identifier, reason: notForThisQueueType)
        }
        guard draft.groupID != nil else { throw SQSErrors.missingParameter("MessageGroupId") }
        guard draft.deduplicationID != nil || queue.deduplicatesByContent else {
            throw SQSErrors.invalidParameter(
                "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided "
                    + "explicitly")
        }
    }

    private static let notForThisQueueType =
        "The request includes a parameter that is not valid for this queue type."

    /// Letters, digits and ASCII punctuation, 1 to 128 of them.
    private static func checkIdentifier(_ identifier: String?, _ parameter: String) throws(AWSServiceError) {
        guard let identifier else { return }
        let isWellFormed = identifier.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        guard isWellFormed, SQSLimits.identifierCharacters.contains(identifier.utf8.count) else {
            throw SQSErrors.invalidParameter(
                parameter, value: identifier,
                reason: "\(parameter) can only include alphanumeric and punctuation characters. 1 to 128 in length.")
        }
    }

    private static func hasOnlyAllowedCharacters(_ body: String) -> Bool {
        body.unicodeScalars.allSatisfy { scalar in
            switch scalar.value {
            case 0x9, 0xA, 0xD, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
            default: false
            }
        }
    }

    /// One look at a queue during a long poll.
    private enum Attempt {
        case done([SQSStoredMessage])
        /// A message moved to a dead-letter queue, whose own receivers must learn of it, or something became hidden
        /// until an earlier time than the wait was set to.
        case lookAgain(atMilliseconds: Int64)
    }

    /// Receives; when nothing is there waits until something arrives, shows itself again, or the time is up.
    func receiveStored(
        queue name: String, maximum: Int, waitMilliseconds: Int, visibilityTimeoutSeconds: Int?
    ) -> [SQSStoredMessage] {
        let deadline = now() + Int64(waitMilliseconds)
        let generation = monitor.read { $0.wakeGeneration }
        var lookAt: Int64?
        while true {
            let wakeAt = min(lookAt ?? deadline, deadline)
            let attempt: Attempt? = monitor.wait(untilMilliseconds: wallClock(wakeAt)) { state in
                let time = now()
                let (messages, movedAny) = Self.receive(
                    queue: name, maximum: maximum, visibilityTimeoutSeconds: visibilityTimeoutSeconds, in: &state,
                    nowMilliseconds: time)
                if !messages.isEmpty || time >= deadline || state.wakeGeneration != generation {
                    return .done(messages)
                }
                if movedAny { return .lookAgain(atMilliseconds: wakeAt) }
                guard let next = state.queues[name]?.nextVisibilityMilliseconds(after: time), next < wakeAt else {
                    return nil
                }
                return .lookAgain(atMilliseconds: next)
            }
            switch attempt {
            case .done(let messages): return messages
            case .lookAgain(let milliseconds): lookAt = milliseconds
            case nil: lookAt = nil
            }
        }
    }

    /// The monitor waits by the wall clock, the service may live by another.
    private func wallClock(_ milliseconds: Int64) -> Int64 {
        EmulatorClock.nowMilliseconds() + max(0, milliseconds - now())
    }

    private static func receive(
        queue name: String, maximum: Int, visibilityTimeoutSeconds: Int?, in state: inout State,
        nowMilliseconds: Int64
    ) -> (messages: [SQSStoredMessage], movedAny: Bool) {
        guard var queue = state.queues.removeValue(forKey: name) else { return ([], false) }
        let policy = queue.attributes.redrivePolicy
        let target = policy.flatMap { policy in
            // A queue may be its own dead-letter queue only by mistake; it then keeps its messages.
            state.queues.values.first { $0.arn == policy.deadLetterARN }?.name
        }
        let (delivered, exhausted) = queue.receive(
            maximum: maximum,
            visibilityTimeoutSeconds: visibilityTimeoutSeconds ?? queue.attributes.visibilityTimeoutSeconds,
            maximumReceiveCount: target == nil ? nil : policy?.maximumReceiveCount, nowMilliseconds: nowMilliseconds)
        state.queues[name] = queue
        if let target {
            for message in exhausted {
                state.queues[target]?.acceptDeadLetter(
                    message, sourceARN: queue.arn, nowMilliseconds: nowMilliseconds)
            }
        }
        return (delivered, !exhausted.isEmpty)
    }
}
