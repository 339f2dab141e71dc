import Foundation
import Synchronization

/// A message as it was published to a topic.
public struct SNSMessage: Sendable, Equatable {
    /// The id given on publishing.
    public let messageID: String
    /// The subject, when one was given.
    public let subject: String?
    /// The message text.
    public let message: String
}

/// Amazon SNS over its query protocol: every published message is kept for inspection, and delivered to the SQS
/// queues subscribed to its topic.
public final class SNSService: AWSService {
    static let namespace = "http://sns.amazonaws.com/doc/2010-03-31/"
    /// Bytes of one message (API reference, Publish).
    static let maximumMessageBytes = 262_144
    /// Characters of a subject (API reference, Publish).
    static let maximumSubjectCharacters = 100
    /// Topics or subscriptions on one page of a listing (API reference, ListTopics).
    static let pageSize = 100

    struct Subscription: Sendable {
        let arn: String
        let topicARN: String
        let endpoint: String
        var isRaw: Bool
    }

    struct Topic: Sendable {
        let arn: String
        var attributes: [String: String]
        var subscriptions: [Subscription] = []
        var published: [SNSMessage] = []
    }

    /// The name in the credential scope.
    public let signingName = "sns"

    let account: AWSAccount
    let now: @Sendable () -> Int64
    let topics = Mutex<[String: Topic]>([:])
    private let queues: SQSService?

    /// Makes a service without topics.
    ///
    /// - Parameters:
    ///   - queues: where subscriptions with the protocol `sqs` are delivered; `nil` refuses such subscriptions.
    ///   - now: milliseconds since 1970.
    public init(
        account: String, region: String, queues: SQSService? = nil,
        now: @escaping @Sendable () -> Int64 = EmulatorClock.nowMilliseconds
    ) {
        self.account = AWSAccount(id: account, region: region)
        self.queues = queues
        self.now = now
    }

    /// Answers one request of the wire protocol.
    public func handle(_ request: HTTPServerRequest) -> HTTPServerResponse {
        let input = SNSInput(request)
        do throws(AWSServiceError) {
            let action = try input.required("Action")
            guard let result = try perform(action, input) else {
                throw AWSServiceError(
                    "InvalidAction", "The local emulator does not offer the action '\(action)' of SNS.")
            }
            let requestID = AWSRequestID.make()
            var xml = AWSXML()
            xml.element("\(action)Response", attributes: "xmlns=\"\(Self.namespace)\"") { response in
                response.element("\(action)Result") { $0.append(result) }
                response.element("ResponseMetadata") { $0.element("RequestId", requestID) }
            }
            return .reply(
                status: 200, headers: ["Content-Type": "text/xml", "x-amzn-RequestId": requestID],
                body: xml.document)
        } catch {
            return AWSXML.errorResponse(error, namespace: Self.namespace)
        }
    }

    // MARK: For the emulator

    /// Creates a topic, or finds the one of that name.
    ///
    /// - Returns: the topic's ARN.
    @discardableResult
    public func createTopic(_ name: String) -> String {
        let arn = account.arn("sns", name)
        topics.withLock { topics in
            if topics[arn] == nil { topics[arn] = Topic(arn: arn, attributes: [:]) }
        }
        return arn
    }

    /// What was published to a topic, oldest first; nothing when there is no such topic.
    public func published(_ topicARN: String) -> [SNSMessage] {
        topics.withLock { $0[topicARN]?.published ?? [] }
    }

    /// Forgets every topic, subscription and message.
    public func reset() {
        topics.withLock { $0.removeAll() }
    }

    // MARK: Shared with the wire operations

    func notFound(_ what: String, _ arn: String) -> AWSServiceError {
        AWSServiceError("NotFound", "\(what) does not exist: \(arn)", status: 404)
    }

    /// The name of the queue an ARN names, when it is one of ours.
    func queueName(ofARN arn: String) throws(AWSServiceError) -> String {
        guard let queues, let name = arn.split(separator: ":").last.map(String.init), queues.arn(ofQueue: name) == arn
        else {
            throw AWSServiceError("InvalidParameter", "Invalid parameter: SQS endpoint ARN \(arn)")
        }
        return name
    }

    /// Hands a message to every subscribed queue. A queue that is gone does not fail the publisher, as in AWS.
    func deliver(
        _ message: SNSMessage, attributes: [String: SQSMessageAttribute], to subscriptions: [Subscription]
    ) {
        guard let queues else { return }
        for subscription in subscriptions {
            guard let name = subscription.endpoint.split(separator: ":").last.map(String.init) else { continue }
            let draft = SQSDraft(
                body: subscription.isRaw ? message.message : envelope(message, attributes, subscription),
                attributes: subscription.isRaw ? attributes : [:],
                groupID: name.hasSuffix(".fifo") ? subscription.topicARN : nil,
                deduplicationID: name.hasSuffix(".fifo") ? message.messageID : nil)
            _ = try? queues.send(draft, queue: name)
        }
    }

    private func envelope(
        _ message: SNSMessage, _ attributes: [String: SQSMessageAttribute], _ subscription: Subscription
    ) -> String {
        var envelope: [String: JSONValue] = [
            "Type": "Notification", "MessageId": .string(message.messageID),
            "TopicArn": .string(subscription.topicARN), "Message": .string(message.message),
            "Timestamp": .string(AWSDate.iso(now())),
            "UnsubscribeURL": .string(
                "https://sns.\(account.region).amazonaws.com/?Action=Unsubscribe&SubscriptionArn=\(subscription.arn)"),
        ]
        envelope["Subject"] = message.subject.map { .string($0) }
        if !attributes.isEmpty {
            envelope["MessageAttributes"] = .object(
                attributes.mapValues { attribute in
                    switch attribute.value {
                    case .text(let text): ["Type": .string(attribute.dataType), "Value": .string(text)]
                    case .binary(let data):
                        ["Type": .string(attribute.dataType), "Value": .string(data.base64EncodedString())]
                    }
                })
        }
        return JSONValue.object(envelope).text
    }
}

/// The form fields of a query-protocol request.
struct SNSInput: Sendable {
    let fields: [(name: String, value: String)]

    init(_ request: HTTPServerRequest) {
        // Parameters may stand in the body or, for a GET, in the query.
        let body = FormEncoding.decode(String(decoding: request.body, as: UTF8.self))
        fields = (request.queryItems() + body).map { (name: $0.0, value: $0.1) }
    }

    func string(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    func required(_ name: String) throws(AWSServiceError) -> String {
        guard let value = string(name), !value.isEmpty else {
            throw AWSServiceError("InvalidParameter", "Invalid parameter: \(name) must not be empty or absent")
        }
        return value
    }

    /// A map written as `<prefix>.entry.1.key`, `<prefix>.entry.1.value`, …
    func map(_ prefix: String, key: String = "key", value: String = "value") -> [String: String] {
        var map: [String: String] = [:]
        for index in 1... {
            guard let name = string("\(prefix).entry.\(index).\(key)") else { break }
            map[name] = string("\(prefix).entry.\(index).\(value)") ?? ""
        }
        return map
    }
}
