/// Amazon SQS: sending, and what is needed to find and look at a queue. Receiving is the event source's business.
public struct SQSClient: Sendable {
    /// The largest message body, in bytes of UTF-8 (SQS Developer Guide, "Amazon SQS message quotas": 1 MiB).
    public static let maximumBodyBytes = 1_048_576
    /// The longest group or deduplication identifier (same page).
    public static let maximumIdentifierCharacters = 128
    /// The names of FIFO queues end so, and nothing else's does (SQS API Reference, "CreateQueue").
    private static let firstInFirstOutSuffix = ".fifo"

    private let aws: AWSClient

    /// A client that sends through `aws`.
    public init(_ aws: AWSClient) {
        self.aws = aws
    }

    /// Sends one message.
    ///
    /// A send to a FIFO queue must carry both identifiers: with the deduplication identifier every repetition within
    /// five minutes, this client's retries included, adds nothing. A message to a standard queue may be sent twice
    /// when an answer is lost; such queues deliver at least once anyway.
    ///
    /// - Returns: the message's identifier; for a duplicate, that of the message already there.
    /// - Throws: `AWSError.invalidRequest` for a missing identifier on a FIFO queue or a broken limit.
    @discardableResult
    public func sendMessage(
        queueURL: String, body: String, messageGroupID: String? = nil, messageDeduplicationID: String? = nil
    ) async throws(AWSError) -> String {
        let request = SendMessageRequest(
            queueURL: queueURL, messageBody: body, messageGroupID: messageGroupID,
            messageDeduplicationID: messageDeduplicationID)
        if let detail = Self.brokenRule(request) {
            throw .invalidRequest(service: .sqs, operation: "SendMessage", detail: detail)
        }
        return try await aws.call(.sqs, "SendMessage", request, returning: SendMessageResponse.self).messageID
    }

    /// The URL of the queue with that name, in the account of the credentials.
    public func getQueueURL(name: String) async throws(AWSError) -> String {
        let request = GetQueueURLRequest(queueName: name)
        return try await aws.call(.sqs, "GetQueueUrl", request, returning: GetQueueURLResponse.self).queueURL
    }

    /// Attributes of a queue, such as `QueueArn` or `ApproximateNumberOfMessages`.
    public func queueAttributes(
        queueURL: String, names: [String] = ["All"]
    ) async throws(AWSError) -> [String: String] {
        let request = GetQueueAttributesRequest(queueURL: queueURL, attributeNames: names)
        let response = try await aws.call(
            .sqs, "GetQueueAttributes", request, returning: GetQueueAttributesResponse.self)
        return response.attributes ?? [:]
    }

    private static func brokenRule(_ request: SendMessageRequest) -> String? {
        let bodyBytes = request.messageBody.utf8.count
        guard (1...maximumBodyBytes).contains(bodyBytes) else {
            return "the body has \(bodyBytes) bytes; 1 to \(maximumBodyBytes) are allowed"
        }
        let identifiers = [request.messageGroupID, request.messageDeduplicationID].compactMap { $0 }
        guard identifiers.allSatisfy({ (1...maximumIdentifierCharacters).contains($0.utf8.count) }) else {
            return "group and deduplication identifiers have 1 to \(maximumIdentifierCharacters) characters"
        }
        if request.queueURL.hasSuffix(firstInFirstOutSuffix), identifiers.count < 2 {
            return "a FIFO queue needs a group and a deduplication identifier"
        }
        return nil
    }
}

private struct SendMessageRequest: Encodable, Sendable {
    let queueURL: String
    let messageBody: String
    let messageGroupID: String?
    let messageDeduplicationID: String?

    private enum CodingKeys: String, CodingKey {
        case queueURL = "QueueUrl"
        case messageBody = "MessageBody"
        case messageGroupID = "MessageGroupId"
        case messageDeduplicationID = "MessageDeduplicationId"
    }
}

private struct SendMessageResponse: Decodable, Sendable {
    let messageID: String

    private enum CodingKeys: String, CodingKey {
        case messageID = "MessageId"
    }
}

private struct GetQueueURLRequest: Encodable, Sendable {
    let queueName: String

    private enum CodingKeys: String, CodingKey {
        case queueName = "QueueName"
    }
}

private struct GetQueueURLResponse: Decodable, Sendable {
    let queueURL: String

    private enum CodingKeys: String, CodingKey {
        case queueURL = "QueueUrl"
    }
}

private struct GetQueueAttributesRequest: Encodable, Sendable {
    let queueURL: String
    let attributeNames: [String]

    private enum CodingKeys: String, CodingKey {
        case queueURL = "QueueUrl"
        case attributeNames = "AttributeNames"
    }
}

private struct GetQueueAttributesResponse: Decodable, Sendable {
    let attributes: [String: String]?

    private enum CodingKeys: String, CodingKey {
        case attributes = "Attributes"
    }
}
