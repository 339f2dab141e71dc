import Wire

/// A message of an SNS topic, as a function gets it, and as it stands in the body of an SQS message when the topic
/// delivers to a queue without raw delivery.
///
/// The two spell the names of the URLs differently (`SigningCertUrl`, `SigningCertURL`); both are read, and what was
/// read is written.
public struct SNSNotification: Sendable, Equatable {
    /// `Notification`.
    public var type: String
    /// Identifies the message; the same one may be delivered more than once.
    public var messageID: String
    /// The topic.
    public var topicARN: String
    /// The subject; `nil` when the publisher gave none.
    public var subject: String?
    /// The message's text.
    public var message: String
    /// When it was published, RFC 3339 with milliseconds, UTC.
    public var timestamp: String
    /// How `signature` is made: `1` (SHA-1) or `2` (SHA-256); `nil` for a FIFO topic that does not sign.
    public var signatureVersion: String?
    /// The signature, base64.
    public var signature: String?
    /// Where the certificate of the signature is.
    public var signingCertURL: String?
    /// A URL that ends the subscription.
    public var unsubscribeURL: String?
    /// Orders the messages of a FIFO topic.
    public var sequenceNumber: String?
    /// The publisher's attributes; `nil` when they are left out.
    public var messageAttributes: [String: Attribute]?
    /// Whether the URLs' names end in capitals, as in the body of an SQS message.
    private var isForQueue = false

    /// A message made of its parts, as a function gets it.
    public init(
        messageID: String, topicARN: String, message: String, timestamp: String, subject: String? = nil,
        messageAttributes: [String: Attribute] = [:], signature: String? = nil, signatureVersion: String? = nil,
        signingCertURL: String? = nil, unsubscribeURL: String? = nil
    ) {
        type = "Notification"
        self.messageID = messageID
        self.topicARN = topicARN
        self.subject = subject
        self.message = message
        self.timestamp = timestamp
        self.signatureVersion = signatureVersion
        self.signature = signature
        self.signingCertURL = signingCertURL
        self.unsubscribeURL = unsubscribeURL
        self.messageAttributes = messageAttributes
    }

    /// A publisher's attribute; custom types are kept as they are.
    public struct Attribute: Codable, Sendable, Equatable {
        /// `String`, `String.Array`, `Number` or `Binary`.
        public var type: String
        /// The value as text; base64 of a binary one.
        public var value: String

        /// An attribute made of its parts.
        public init(type: String, value: String) {
            self.type = type
            self.value = value
        }

        /// The bytes of a binary value, the UTF-8 of any other; `nil` when a binary value is not base64.
        public var bytes: Bytes? { BodyText.bytes(of: value, isBase64Encoded: type == "Binary") }

        enum CodingKeys: String, CodingKey {
            case type = "Type"
            case value = "Value"
        }
    }
}

extension SNSNotification: Codable {
    private enum CodingKeys: String, CodingKey {
        case type = "Type"
        case messageID = "MessageId"
        case topicARN = "TopicArn"
        case subject = "Subject"
        case message = "Message"
        case timestamp = "Timestamp"
        case signatureVersion = "SignatureVersion"
        case signature = "Signature"
        case signingCertURL = "SigningCertUrl"
        case signingCertURLForQueue = "SigningCertURL"
        case unsubscribeURL = "UnsubscribeUrl"
        case unsubscribeURLForQueue = "UnsubscribeURL"
        case sequenceNumber = "SequenceNumber"
        case messageAttributes = "MessageAttributes"
    }

    /// Reads a message in either spelling.
    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        isForQueue = members.contains(.signingCertURLForQueue) || members.contains(.unsubscribeURLForQueue)
        type = try members.decode(String.self, forKey: .type)
        messageID = try members.decode(String.self, forKey: .messageID)
        topicARN = try members.decode(String.self, forKey: .topicARN)
        subject = try members.decodeIfPresent(String.self, forKey: .subject)
        message = try members.decode(String.self, forKey: .message)
        timestamp = try members.decode(String.self, forKey: .timestamp)
        signatureVersion = try members.decodeIfPresent(String.self, forKey: .signatureVersion)
        signature = try members.decodeIfPresent(String.self, forKey: .signature)
        signingCertURL = try members.decodeIfPresent(
            String.self, forKey: isForQueue ? .signingCertURLForQueue : .signingCertURL)
        unsubscribeURL = try members.decodeIfPresent(
            String.self, forKey: isForQueue ? .unsubscribeURLForQueue : .unsubscribeURL)
        sequenceNumber = try members.decodeIfPresent(String.self, forKey: .sequenceNumber)
        messageAttributes = try members.decodeIfPresent([String: Attribute].self, forKey: .messageAttributes)
    }

    /// Writes a message in the spelling it was read in; one made of its parts as a function gets it.
    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(type, forKey: .type)
        try members.encode(messageID, forKey: .messageID)
        try members.encode(topicARN, forKey: .topicARN)
        try members.encodeIfPresent(subject, forKey: .subject)
        try members.encode(message, forKey: .message)
        try members.encode(timestamp, forKey: .timestamp)
        try members.encodeIfPresent(signatureVersion, forKey: .signatureVersion)
        try members.encodeIfPresent(signature, forKey: .signature)
        try members.encodeIfPresent(signingCertURL, forKey: isForQueue ? .signingCertURLForQueue : .signingCertURL)
        try members.encodeIfPresent(unsubscribeURL, forKey: isForQueue ? .unsubscribeURLForQueue : .unsubscribeURL)
        try members.encodeIfPresent(sequenceNumber, forKey: .sequenceNumber)
        try members.encodeIfPresent(messageAttributes, forKey: .messageAttributes)
    }
}
