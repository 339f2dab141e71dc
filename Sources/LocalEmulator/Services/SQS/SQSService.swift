import Cryptography
import Foundation

/// Amazon SQS, standard and FIFO queues, over the JSON 1.0 protocol; all state in memory.
///
/// The Swift methods serve the emulator's own event sources and provisioning; they act on the same queues as the wire.
public final class SQSService: AWSService {
    static let targetPrefix = "AmazonSQS"

    struct State: Sendable {
        var queues: [String: SQSQueue] = [:]
        /// Raised to make every long poll return at once.
        var wakeGeneration = 0
    }

    /// The name in the credential scope.
    public let signingName = "sqs"

    let account: AWSAccount
    let baseURL: @Sendable () -> String
    let now: @Sendable () -> Int64
    let monitor = Monitor(State())

    private let protocolJSON = AWSJSONProtocol(
        version: "1.0", targetPrefix: SQSService.targetPrefix, typeNamespace: SQSErrors.typeNamespace,
        missingMember: SQSErrors.missingParameter)

    /// Makes a service without queues.
    ///
    /// - Parameters:
    ///   - account: the account in ARNs and queue URLs.
    ///   - region: the region in ARNs.
    ///   - baseURL: where the endpoint listens, asked whenever a queue URL is made (the port is chosen late).
    ///   - now: milliseconds since 1970.
    public init(
        account: String, region: String, baseURL: @escaping @Sendable () -> String,
        now: @escaping @Sendable () -> Int64 = EmulatorClock.nowMilliseconds
    ) {
        self.account = AWSAccount(id: account, region: region)
        self.baseURL = baseURL
        self.now = now
    }

    /// Answers one request of the wire protocol.
    public func handle(_ request: HTTPServerRequest) -> HTTPServerResponse {
        protocolJSON.respond(to: request) { (operation, input) throws(AWSServiceError) in
            try perform(operation, input)
        }
    }

    // MARK: For the emulator

    /// Creates a queue; repeating it with the same attributes changes nothing.
    ///
    /// - Parameter attributes: as in the API, for example `["FifoQueue": "true", "VisibilityTimeout": "300"]`.
    /// - Returns: the queue's URL.
    @discardableResult
    public func createQueue(name: String, attributes: [String: String] = [:]) throws(AWSServiceError) -> String {
        try create(name: name, attributes: attributes, tags: [:])
    }

    /// The ARN a queue of that name has or would have.
    public func arn(ofQueue name: String) -> String { account.arn("sqs", name) }

    /// The URL a queue of that name has or would have.
    public func url(ofQueue name: String) -> String { "\(baseURL())/\(account.id)/\(name)" }

    /// Sends a message under the same rules as the wire operation.
    @discardableResult
    public func send(
        queue name: String, body: String, messageGroupID: String? = nil, messageDeduplicationID: String? = nil,
        delaySeconds: Int? = nil
    ) throws(AWSServiceError) -> SQSSendReceipt {
        let draft = SQSDraft(
            body: body, groupID: messageGroupID, deduplicationID: messageDeduplicationID, delaySeconds: delaySeconds)
        return try send(draft, queue: name).receipt
    }

    /// Receives messages, waiting up to `waitMilliseconds` for the first.
    ///
    /// A queue that does not exist is waited for like an empty one: a poller may start before its queue is created.
    ///
    /// - Parameters:
    ///   - maximumMessages: at least 1; unlike the wire operation not limited to 10, for event-source batches.
    ///   - visibilityTimeoutSeconds: how long the messages stay hidden; `nil` takes the queue's setting.
    public func receive(
        queue name: String, maximumMessages: Int, waitMilliseconds: Int = 0, visibilityTimeoutSeconds: Int? = nil
    ) -> [SQSMessage] {
        receiveStored(
            queue: name, maximum: max(1, maximumMessages), waitMilliseconds: waitMilliseconds,
            visibilityTimeoutSeconds: visibilityTimeoutSeconds
        ).map { $0.delivered(senderID: account.id) }
    }

    /// Deletes the message of a delivery.
    ///
    /// - Returns: whether it was there: `false` when the handle is outdated, expired or not this queue's.
    @discardableResult
    public func delete(queue name: String, receiptHandle: String) -> Bool {
        let outcome = try? monitor.transaction { (state) throws(AWSServiceError) in
            try state.queues[name]?.delete(receiptHandle: receiptHandle, nowMilliseconds: now())
        }
        return (outcome ?? nil) ?? false
    }

    /// Hides the message of a delivery until `timeoutSeconds` from now; 0 shows it at once.
    ///
    /// - Returns: whether the delivery was still in flight.
    @discardableResult
    public func changeVisibility(queue name: String, receiptHandle: String, timeoutSeconds: Int) -> Bool {
        do throws(AWSServiceError) {
            try withQueue(name) { (queue) throws(AWSServiceError) in
                try queue.changeVisibility(
                    receiptHandle: receiptHandle, timeoutSeconds: timeoutSeconds, nowMilliseconds: now())
            }
            return true
        } catch {
            return false
        }
    }

    /// How many messages can be received, are hidden after a receive, or are not shown yet. Zero for no such queue.
    public func depth(queue name: String) -> (visible: Int, inFlight: Int, delayed: Int) {
        let depth = monitor.withLock { state in state.queues[name]?.depth(nowMilliseconds: now()) } ?? SQSQueue.Depth()
        return (depth.visible, depth.inFlight, depth.delayed)
    }

    /// Every message of a queue in arrival order, hidden ones included, without receiving any.
    public func messages(queue name: String) -> [SQSMessage] {
        monitor.read { state in state.queues[name]?.messages ?? [] }.map { $0.delivered(senderID: account.id) }
    }

    /// The names of all queues, sorted.
    public func queueNames() -> [String] { monitor.read { $0.queues.keys.sorted() } }

    /// Forgets every queue and message.
    public func reset() {
        monitor.withLock { state in
            state.queues.removeAll()
            state.wakeGeneration += 1
        }
    }

    /// Makes every long poll under way return now, empty-handed if nothing is there; for shutting down.
    public func wakeWaiters() {
        monitor.withLock { state in state.wakeGeneration += 1 }
    }

    // MARK: Shared with the wire operations

    /// Runs `body` alone with a queue that must exist.
    @discardableResult
    func withQueue<Value>(
        _ name: String, _ body: (inout SQSQueue) throws(AWSServiceError) -> Value
    ) throws(AWSServiceError) -> Value {
        try monitor.transaction { (state) throws(AWSServiceError) in
            guard var queue = state.queues.removeValue(forKey: name) else { throw SQSErrors.queueDoesNotExist() }
            // Taken out while it changes so that its arrays are not copied; put back whatever happens.
            defer { state.queues[name] = queue }
            return try body(&queue)
        }
    }

    func create(
        name: String, attributes changes: [String: String], tags: [String: String]
    ) throws(AWSServiceError) -> String {
        let isFIFO = changes["FifoQueue"] == "true"
        try Self.checkName(name, isFIFO: isFIFO)
        var attributes = SQSQueueAttributes(isFIFO: isFIFO)
        // "false" is what a standard queue is anyway; some tools spell it out.
        try attributes.set(changes.filter { !($0.key == "FifoQueue" && $0.value == "false") })
        try monitor.transaction { (state) throws(AWSServiceError) in
            if let existing = state.queues[name] {
                for name in changes.keys.sorted() where existing.attributes.values[name] != attributes.values[name] {
                    throw SQSErrors.queueNameExists(differing: name)
                }
                return
            }
            try checkRedrive(attributes, in: state)
            var queue = SQSQueue(
                name: name, arn: arn(ofQueue: name), attributes: attributes, nowMilliseconds: now())
            queue.tags = tags
            state.queues[name] = queue
        }
        return url(ofQueue: name)
    }

    /// A dead-letter queue must exist and be of the same kind.
    func checkRedrive(_ attributes: SQSQueueAttributes, in state: State) throws(AWSServiceError) {
        guard let policy = attributes.redrivePolicy else { return }
        func invalid(_ reason: String) -> AWSServiceError {
            SQSErrors.invalidParameter(
                "RedrivePolicy", value: attributes.values["RedrivePolicy"] ?? "", reason: reason)
        }
        guard let target = state.queues.values.first(where: { $0.arn == policy.deadLetterARN }) else {
            throw invalid("Dead letter target does not exist.")
        }
        guard target.isFIFO == attributes.isFIFO else {
            throw invalid("Dead-letter queue must be same type of queue as the source.")
        }
    }

    private static func checkName(_ name: String, isFIFO: Bool) throws(AWSServiceError) {
        let base = isFIFO && name.hasSuffix(".fifo") ? String(name.dropLast(5)) : name
        let isWellFormed = AWSNames.isAlphanumeric(base, or: "-_")
        guard isWellFormed, !base.isEmpty, SQSLimits.queueNameCharacters.contains(name.utf8.count) else {
            throw SQSErrors.invalidParameter(
                "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length. "
                    + "The queue name was '\(name)'.")
        }
        guard name.hasSuffix(".fifo") == isFIFO else {
            throw SQSErrors.invalidParameter(
                "The name of a FIFO queue can only include alphanumeric characters, "
                    + "hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.")
        }
    }
}
