/// Messages from an SNS topic (event source `aws:sns`); SNS invokes with one at a time, asynchronously.
public struct SNSEvent: Codable, Sendable, Equatable {
    /// The messages.
    public var records: [Record]

    /// An event of these messages.
    public init(records: [Record]) {
        self.records = records
    }

    enum CodingKeys: String, CodingKey {
        case records = "Records"
    }

    /// One delivery of a message.
    public struct Record: Codable, Sendable, Equatable {
        /// `aws:sns`.
        public var eventSource: String
        /// Version of the record's shape.
        public var eventVersion: String
        /// The subscription that led here.
        public var eventSubscriptionARN: String
        /// The message.
        public var sns: SNSNotification

        /// A delivery made of its parts.
        public init(
            eventSubscriptionARN: String, sns: SNSNotification, eventSource: String = "aws:sns",
            eventVersion: String = "1.0"
        ) {
            self.eventSource = eventSource
            self.eventVersion = eventVersion
            self.eventSubscriptionARN = eventSubscriptionARN
            self.sns = sns
        }

        enum CodingKeys: String, CodingKey {
            case eventSource = "EventSource"
            case eventVersion = "EventVersion"
            case eventSubscriptionARN = "EventSubscriptionArn"
            case sns = "Sns"
        }
    }
}
