import FoundationEssentials

/// A batch of messages from an SQS queue (event source `aws:sqs`).
public struct SQSEvent: Codable, Sendable, Equatable, LambdaDecodable, LambdaEncodable {
    /// The messages; for a FIFO queue those of one message group are in order.
    public var records: [Record]

    /// A batch of these messages.
    public init(records: [Record]) {
        self.records = records
    }

    enum CodingKeys: String, CodingKey {
        case records = "Records"
    }

    /// One message.
    public struct Record: Codable, Sendable, Equatable {
        /// Identifies the message; what a partial batch response names.
        public var messageID: String
        /// Identifies this delivery.
        public var receiptHandle: String
        /// The message's text.
        public var body: String
        /// System attributes, all of them strings: `ApproximateReceiveCount`, `SentTimestamp`, `MessageGroupId`, …
        public var attributes: [String: String]
        /// The sender's attributes.
        public var messageAttributes: [String: MessageAttribute]
        /// MD5 of the attributes, in hexadecimal; present only when there are some.
        public var md5OfMessageAttributes: String?
        /// MD5 of the body, in hexadecimal.
        public var md5OfBody: String
        /// `aws:sqs`.
        public var eventSource: String
        /// The queue.
        public var eventSourceARN: String
        /// The queue's region.
        public var awsRegion: String

        /// A message made of its parts.
        public init(
            messageID: String, receiptHandle: String, body: String, attributes: [String: String] = [:],
            messageAttributes: [String: MessageAttribute] = [:], md5OfMessageAttributes: String? = nil,
            md5OfBody: String, eventSource: String = "aws:sqs", eventSourceARN: String, awsRegion: String
        ) {
            self.messageID = messageID
            self.receiptHandle = receiptHandle
            self.body = body
            self.attributes = attributes
            self.messageAttributes = messageAttributes
            self.md5OfMessageAttributes = md5OfMessageAttributes
            self.md5OfBody = md5OfBody
            self.eventSource = eventSource
            self.eventSourceARN = eventSourceARN
            self.awsRegion = awsRegion
        }

        /// The FIFO message group; `nil` on a standard queue.
        public var messageGroupID: String? { attributes["MessageGroupId"] }

        /// How often the message was received, this time included.
        public var approximateReceiveCount: Int { attributes["ApproximateReceiveCount"].flatMap(Int.init) ?? 1 }

        enum CodingKeys: String, CodingKey {
            case messageID = "messageId"
            case receiptHandle, body, attributes, messageAttributes, md5OfMessageAttributes, md5OfBody, eventSource
            case eventSourceARN, awsRegion
        }
    }

    /// A sender's attribute; custom types such as `Number.int` are kept as they are.
    public struct MessageAttribute: Codable, Sendable, Equatable {
        /// `String`, `Number` or `Binary`, perhaps with a custom suffix.
        public var dataType: String
        /// The value of a string or number.
        public var stringValue: String?
        /// The value of a binary attribute, base64.
        public var binaryValue: String?
        /// Reserved by AWS; always empty.
        public var stringListValues: [String]?
        /// Reserved by AWS; always empty.
        public var binaryListValues: [String]?

        /// An attribute made of its parts.
        public init(dataType: String, stringValue: String? = nil, binaryValue: String? = nil) {
            self.dataType = dataType
            self.stringValue = stringValue
            self.binaryValue = binaryValue
            stringListValues = []
            binaryListValues = []
        }
    }
}
