import Foundation

/// A message as a receiver gets it.
public struct SQSMessage: Sendable, Equatable {
    /// The id given when it was sent; it stays the same when the message moves to a dead-letter queue.
    public let messageID: String
    /// The handle of this delivery; empty when the message was only looked at.
    public let receiptHandle: String
    /// The body as sent.
    public let body: String
    /// Lower-case hexadecimal MD5 of the body.
    public let md5OfBody: String
    /// Every system attribute, for example `ApproximateReceiveCount`; all values are text.
    public let attributes: [String: String]
    /// The sender's attributes in the wire form of the SQS API (`{"kind": {"DataType": …, "StringValue": …}}`).
    public let messageAttributes: JSONValue
    /// The digest over `messageAttributes`; `nil` when there are none.
    public let md5OfMessageAttributes: String?
}

/// What a send call is told about the message it sent, or about the earlier message it repeats.
public struct SQSSendReceipt: Sendable, Equatable {
    /// The message's id.
    public let messageID: String
    /// The 20-digit sequence number of a FIFO queue; `nil` on a standard queue.
    public let sequenceNumber: String?
}

/// A message about to be sent, already checked against the queue's rules.
struct SQSDraft: Sendable {
    var body: String
    var attributes: [String: SQSMessageAttribute] = [:]
    var traceHeader: String?
    var groupID: String?
    var deduplicationID: String?
    var delaySeconds: Int?
}

/// A message inside a queue.
struct SQSStoredMessage: Sendable {
    let number: UInt64
    let messageID: String
    let body: String
    let md5OfBody: String
    let attributes: [String: SQSMessageAttribute]
    let traceHeader: String?
    let groupID: String?
    let deduplicationID: String?
    let sequenceNumber: String?
    let sentMilliseconds: Int64
    var visibleAtMilliseconds: Int64
    var receiveCount = 0
    var firstReceivedMilliseconds: Int64?
    var receiptHandle: String?
    var deadLetterSourceARN: String?

    /// Sender of every message: the emulator knows no principals, so the account's id stands for them.
    func delivered(senderID: String) -> SQSMessage {
        var system = [
            "ApproximateReceiveCount": String(receiveCount),
            "SentTimestamp": String(sentMilliseconds),
            "SenderId": senderID,
        ]
        system["ApproximateFirstReceiveTimestamp"] = firstReceivedMilliseconds.map { String($0) }
        system["SequenceNumber"] = sequenceNumber
        system["MessageGroupId"] = groupID
        system["MessageDeduplicationId"] = deduplicationID
        system["AWSTraceHeader"] = traceHeader
        system["DeadLetterQueueSourceArn"] = deadLetterSourceARN
        return SQSMessage(
            messageID: messageID, receiptHandle: receiptHandle ?? "", body: body, md5OfBody: md5OfBody,
            attributes: system, messageAttributes: .object(attributes.mapValues(\.wire)),
            md5OfMessageAttributes: SQSMessageAttribute.md5(attributes))
    }
}
