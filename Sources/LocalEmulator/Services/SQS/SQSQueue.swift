import Cryptography
import Foundation

/// One queue: what is in it, what is hidden and until when. Pure state; the service owns locking, waiting and clock.
///
/// FIFO rules (developer guide, "FIFO delivery logic"): a group with a message in flight delivers nothing more, and
/// a delayed message holds back the later ones of its group, so order within a group can never change.
struct SQSQueue: Sendable {
    struct Depth: Sendable, Equatable {
        var visible = 0
        var inFlight = 0
        var delayed = 0
    }

    private struct DeduplicationKey: Hashable, Sendable {
        let identifier: String
        /// Set only when the queue deduplicates per message group.
        let groupID: String?
    }

    let name: String
    let arn: String
    let createdMilliseconds: Int64
    var modifiedMilliseconds: Int64
    var attributes: SQSQueueAttributes
    var tags: [String: String] = [:]

    /// Arrival order.
    private var order: [UInt64] = []
    private var stored: [UInt64: SQSStoredMessage] = [:]
    /// Those that are or were hidden: delayed or received at least once.
    private var timed: Set<UInt64> = []
    private var deduplication: [DeduplicationKey: SQSSendReceipt] = [:]
    private var deduplicationExpiry: [(milliseconds: Int64, key: DeduplicationKey)] = []
    private var nextNumber: UInt64 = 0

    init(name: String, arn: String, attributes: SQSQueueAttributes, nowMilliseconds: Int64) {
        self.name = name
        self.arn = arn
        self.attributes = attributes
        createdMilliseconds = nowMilliseconds
        modifiedMilliseconds = nowMilliseconds
    }

    var isFIFO: Bool { attributes.isFIFO }

    // MARK: Sending

    /// Adds a message, or finds the one it repeats within the deduplication interval.
    mutating func send(_ draft: SQSDraft, md5OfBody: String, nowMilliseconds now: Int64) -> SQSSendReceipt {
        var draft = draft
        if isFIFO, draft.deduplicationID == nil {
            draft.deduplicationID = SHA256.hexDigest(Array(draft.body.utf8))
        }
        let key = deduplicationKey(draft)
        forgetOldDeduplication(nowMilliseconds: now)
        if let key, let earlier = deduplication[key] { return earlier }

        nextNumber += 1
        let message = SQSStoredMessage(
            number: nextNumber, messageID: UUID().uuidString.lowercased(), body: draft.body, md5OfBody: md5OfBody,
            attributes: draft.attributes, traceHeader: draft.traceHeader, groupID: draft.groupID,
            deduplicationID: draft.deduplicationID, sequenceNumber: sequenceNumber(nextNumber),
            sentMilliseconds: now,
            visibleAtMilliseconds: now + Int64(draft.delaySeconds ?? attributes.delaySeconds) * 1000)
        append(message, nowMilliseconds: now)
        let receipt = SQSSendReceipt(messageID: message.messageID, sequenceNumber: message.sequenceNumber)
        if let key {
            deduplication[key] = receipt
            deduplicationExpiry.append((now + SQSLimits.deduplicationMilliseconds, key))
        }
        return receipt
    }

    /// Takes over a message that another queue gave up on: same id, body and send time, a fresh receive count.
    mutating func acceptDeadLetter(_ message: SQSStoredMessage, sourceARN: String, nowMilliseconds now: Int64) {
        nextNumber += 1
        var moved = SQSStoredMessage(
            number: nextNumber, messageID: message.messageID, body: message.body, md5OfBody: message.md5OfBody,
            attributes: message.attributes, traceHeader: message.traceHeader, groupID: message.groupID,
            deduplicationID: message.deduplicationID, sequenceNumber: sequenceNumber(nextNumber),
            sentMilliseconds: message.sentMilliseconds, visibleAtMilliseconds: now)
        moved.deadLetterSourceARN = sourceARN
        append(moved, nowMilliseconds: now)
    }

    private mutating func append(_ message: SQSStoredMessage, nowMilliseconds now: Int64) {
        order.append(message.number)
        stored[message.number] = message
        if message.visibleAtMilliseconds > now { timed.insert(message.number) }
    }

    private func sequenceNumber(_ number: UInt64) -> String? {
        isFIFO ? String(10_000_000_000_000_000_000 + number) : nil
    }

    private func deduplicationKey(_ draft: SQSDraft) -> DeduplicationKey? {
        guard isFIFO, let identifier = draft.deduplicationID else { return nil }
        return DeduplicationKey(
            identifier: identifier, groupID: attributes.deduplicatesPerGroup ? draft.groupID : nil)
    }

    private mutating func forgetOldDeduplication(nowMilliseconds now: Int64) {
        let expired = deduplicationExpiry.prefix { $0.milliseconds <= now }
        for entry in expired { deduplication[entry.key] = nil }
        deduplicationExpiry.removeFirst(expired.count)
    }

    // MARK: Receiving

    /// Hands out up to `maximum` messages and hides them.
    ///
    /// - Parameter maximumReceiveCount: `nil` when there is no dead-letter queue to move a message to.
    /// - Returns: the messages delivered, and those taken out because they had been received often enough.
    mutating func receive(
        maximum: Int, visibilityTimeoutSeconds: Int, maximumReceiveCount: Int?, nowMilliseconds now: Int64
    ) -> (delivered: [SQSStoredMessage], exhausted: [SQSStoredMessage]) {
        dropExpired(nowMilliseconds: now)
        var exhausted: [SQSStoredMessage] = []
        var chosen: [UInt64] = []
        var groups = GroupSelection(locked: isFIFO ? lockedGroups(nowMilliseconds: now) : [])
        for number in order {
            guard let message = stored[number] else { continue }
            if isFIFO, groups.isClosed(message.groupID) { continue }
            if message.visibleAtMilliseconds > now {
                if isFIFO { groups.close(message.groupID) }
                continue
            }
            if let maximumReceiveCount, message.receiveCount >= maximumReceiveCount {
                exhausted.append(message)
                continue
            }
            if isFIFO {
                groups.add(number, to: message.groupID)
                if groups.firstGroupCount >= maximum { break }
            } else {
                chosen.append(number)
                if chosen.count >= maximum { break }
            }
        }
        if isFIFO { chosen = groups.chosen(maximum: maximum) }
        for message in exhausted { remove(message.number) }
        let visibleAt = now + Int64(visibilityTimeoutSeconds) * 1000
        let delivered = chosen.compactMap { deliver($0, visibleAtMilliseconds: visibleAt, nowMilliseconds: now) }
        return (delivered, exhausted)
    }

    private mutating func deliver(
        _ number: UInt64, visibleAtMilliseconds: Int64, nowMilliseconds now: Int64
    ) -> SQSStoredMessage? {
        guard var message = stored[number] else { return nil }
        message.receiveCount += 1
        message.firstReceivedMilliseconds = message.firstReceivedMilliseconds ?? now
        message.visibleAtMilliseconds = visibleAtMilliseconds
        message.receiptHandle = SQSReceiptHandle.make(queue: name, number: number)
        stored[number] = message
        timed.insert(number)
        return message
    }

    private func lockedGroups(nowMilliseconds now: Int64) -> Set<String> {
        var locked: Set<String> = []
        for number in timed {
            guard let message = stored[number], let group = message.groupID else { continue }
            if message.receiveCount > 0, message.visibleAtMilliseconds > now { locked.insert(group) }
        }
        return locked
    }

    // MARK: After receiving

    /// Deletes the message of a delivery. An outdated handle of a standard queue succeeds without deleting, as in AWS.
    @discardableResult
    mutating func delete(receiptHandle: String, nowMilliseconds now: Int64) throws(AWSServiceError) -> Bool {
        guard let message = try current(receiptHandle, nowMilliseconds: now) else { return false }
        remove(message.number)
        return true
    }

    /// Shows or hides the message of a delivery until `timeoutSeconds` from now.
    mutating func changeVisibility(
        receiptHandle: String, timeoutSeconds: Int, nowMilliseconds now: Int64
    ) throws(AWSServiceError) {
        guard let message = try current(receiptHandle, nowMilliseconds: now), message.visibleAtMilliseconds > now else {
            throw SQSErrors.messageNotInFlight()
        }
        stored[message.number]?.visibleAtMilliseconds = now + Int64(timeoutSeconds) * 1000
    }

    /// The message whose latest delivery has this handle; `nil` when it is gone or was delivered again since.
    private func current(_ handle: String, nowMilliseconds now: Int64) throws(AWSServiceError) -> SQSStoredMessage? {
        guard let parsed = SQSReceiptHandle.parse(handle), parsed.queue == name else {
            throw SQSErrors.invalidReceiptHandle(handle)
        }
        guard let message = stored[parsed.number] else { return nil }
        if isFIFO, message.receiptHandle != handle || message.visibleAtMilliseconds <= now {
            throw SQSErrors.expiredReceiptHandle(handle)
        }
        return message.receiptHandle == handle ? message : nil
    }

    /// Removes every message; the deduplication memory stays, as in AWS.
    mutating func purge() {
        order.removeAll()
        stored.removeAll()
        timed.removeAll()
    }

    private mutating func remove(_ number: UInt64) {
        stored[number] = nil
        timed.remove(number)
        // `order` is ascending: numbers are only ever appended.
        var low = 0
        var high = order.count
        while low < high {
            let middle = (low + high) / 2
            if order[middle] < number { low = middle + 1 } else { high = middle }
        }
        if low < order.count, order[low] == number { order.remove(at: low) }
    }

    private mutating func dropExpired(nowMilliseconds now: Int64) {
        while let number = order.first, let message = stored[number],
            message.sentMilliseconds + attributes.retentionMilliseconds <= now
        {
            remove(number)
        }
    }

    // MARK: Looking

    mutating func depth(nowMilliseconds now: Int64) -> Depth {
        dropExpired(nowMilliseconds: now)
        var depth = Depth()
        for number in timed {
            guard let message = stored[number], message.visibleAtMilliseconds > now else { continue }
            if message.receiveCount > 0 { depth.inFlight += 1 } else { depth.delayed += 1 }
        }
        depth.visible = order.count - depth.inFlight - depth.delayed
        return depth
    }

    /// Every message in arrival order, hidden ones too.
    var messages: [SQSStoredMessage] { order.compactMap { stored[$0] } }

    /// When the next hidden message shows itself; `nil` when none is hidden.
    func nextVisibilityMilliseconds(after now: Int64) -> Int64? {
        timed.compactMap { stored[$0]?.visibleAtMilliseconds }.filter { $0 > now }.min()
    }
}

/// Which messages of which groups one receive call takes: as many as possible of one group before the next group.
private struct GroupSelection {
    private var closed: Set<String>
    private var order: [String] = []
    private var members: [String: [UInt64]] = [:]

    init(locked: Set<String>) {
        closed = locked
    }

    func isClosed(_ group: String?) -> Bool { group.map { closed.contains($0) } ?? false }

    mutating func close(_ group: String?) {
        if let group { closed.insert(group) }
    }

    mutating func add(_ number: UInt64, to group: String?) {
        let group = group ?? ""
        if members[group] == nil { order.append(group) }
        members[group, default: []].append(number)
    }

    var firstGroupCount: Int { order.first.flatMap { members[$0]?.count } ?? 0 }

    func chosen(maximum: Int) -> [UInt64] {
        Array(order.flatMap { members[$0] ?? [] }.prefix(maximum))
    }
}

/// The opaque handle of one delivery.
enum SQSReceiptHandle {
    static func make(queue: String, number: UInt64) -> String {
        Data("\(queue) \(number) \(UUID().uuidString.lowercased())".utf8).base64EncodedString()
    }

    static func parse(_ handle: String) -> (queue: String, number: UInt64)? {
        guard let data = Data(base64Encoded: handle) else { return nil }
        let parts = String(decoding: data, as: UTF8.self).split(separator: " ")
        guard parts.count == 3, let number = UInt64(parts[1]) else { return nil }
        return (String(parts[0]), number)
    }
}
