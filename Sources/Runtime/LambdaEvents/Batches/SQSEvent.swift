import Wire

/// A batch of messages from an SQS queue (event source `aws:sqs`).
public struct SQSEvent: Sendable, Equatable, LambdaDecodable, LambdaEncodable {
    /// The messages; for a FIFO queue those of one message group are in order.
    public var records: [Record]

    /// A batch of these messages.
    public init(records: [Record]) {
        self.records = records
    }

    /// Decodes a payload in one pass; the messages' texts are built when they are asked for.
    public init(lambdaPayload: Bytes) throws(LambdaEventError) {
        records = try BatchDecoding.records(Record.self, lambdaPayload)
    }

    /// One message: a view of the payload that it came in, which it keeps in memory.
    ///
    /// Identity and body are always there; any other text that the payload lacks is empty.
    public struct Record: Sendable {
        let view: RecordView

        /// A message made of its parts.
        public init(
            messageID: String, receiptHandle: String, body: String, attributes: [String: String] = [:],
            messageAttributes: [String: MessageAttribute] = [:], md5OfMessageAttributes: String? = nil,
            md5OfBody: String, eventSource: String = "aws:sqs", eventSourceARN: String, awsRegion: String
        ) {
            var builder = RecordBuilder()
            builder.set(Field.messageID.rawValue, messageID)
            builder.set(Field.receiptHandle.rawValue, receiptHandle)
            builder.set(Field.body.rawValue, body)
            builder.set(Field.attributes.rawValue, json: SQSEncoding.attributes(attributes))
            builder.set(Field.messageAttributes.rawValue, json: SQSEncoding.messageAttributes(messageAttributes))
            builder.set(Field.md5OfMessageAttributes.rawValue, md5OfMessageAttributes)
            builder.set(Field.md5OfBody.rawValue, md5OfBody)
            builder.set(Field.eventSource.rawValue, eventSource)
            builder.set(Field.eventSourceARN.rawValue, eventSourceARN)
            builder.set(Field.awsRegion.rawValue, awsRegion)
            builder.set(Field.messageGroupID.rawValue, attributes[SystemAttribute.messageGroupID])
            builder.set(Field.receiveCount.rawValue, attributes[SystemAttribute.receiveCount])
            view = builder.build()
        }

        /// Identifies the message; what a partial batch response names.
        public var messageID: String { view.text(Field.messageID.rawValue) }
        /// The UTF-8 of the message's identity, without a copy.
        public var messageIDBytes: Bytes { view.textBytes(Field.messageID.rawValue) }
        /// Identifies this delivery.
        public var receiptHandle: String { view.text(Field.receiptHandle.rawValue) }
        /// The message's text.
        public var body: String { view.text(Field.body.rawValue) }
        /// The UTF-8 of the message's text: a part of the payload where nothing was escaped.
        public var bodyBytes: Bytes { view.textBytes(Field.body.rawValue) }
        /// MD5 of the attributes, in hexadecimal; present only when there are some.
        public var md5OfMessageAttributes: String? { view.optionalText(Field.md5OfMessageAttributes.rawValue) }
        /// MD5 of the body, in hexadecimal.
        public var md5OfBody: String { view.text(Field.md5OfBody.rawValue) }
        /// `aws:sqs`.
        public var eventSource: String { view.text(Field.eventSource.rawValue) }
        /// The queue.
        public var eventSourceARN: String { view.text(Field.eventSourceARN.rawValue) }
        /// The queue's region.
        public var awsRegion: String { view.text(Field.awsRegion.rawValue) }

        /// System attributes, all of them strings: `ApproximateReceiveCount`, `SentTimestamp`, `MessageGroupId`, …
        ///
        /// Built anew by each call; `messageGroupID` and `approximateReceiveCount` come without it.
        public var attributes: [String: String] {
            StringKeyedObject.strings(view.textBytes(Field.attributes.rawValue))
        }

        /// The sender's attributes; built anew by each call.
        public var messageAttributes: [String: MessageAttribute] {
            MessageAttributeFields.attributes(view.textBytes(Field.messageAttributes.rawValue))
        }

        /// The FIFO message group; `nil` on a standard queue.
        public var messageGroupID: String? { view.optionalText(Field.messageGroupID.rawValue) }

        /// How often the message was received, this time included.
        public var approximateReceiveCount: Int {
            view.optionalText(Field.receiveCount.rawValue).flatMap { Int($0) } ?? 1
        }
    }

    /// A sender's attribute; custom types such as `Number.int` are kept as they are.
    public struct MessageAttribute: Sendable, Equatable {
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

extension SQSEvent.Record: Equatable {
    public static func == (left: Self, right: Self) -> Bool {
        left.messageID == right.messageID && left.receiptHandle == right.receiptHandle && left.body == right.body
            && left.attributes == right.attributes && left.messageAttributes == right.messageAttributes
            && left.md5OfMessageAttributes == right.md5OfMessageAttributes && left.md5OfBody == right.md5OfBody
            && left.eventSource == right.eventSource && left.eventSourceARN == right.eventSourceARN
            && left.awsRegion == right.awsRegion
    }
}
