import FoundationEssentials

/// Amazon SNS: publishing to a topic. SNS speaks the query protocol: a form goes out, XML comes back.
public struct SNSClient: Sendable {
    /// The largest message, in bytes of UTF-8 (SNS API Reference, "Publish").
    public static let maximumMessageBytes = 262_144
    /// The longest subject (same page: ASCII, fewer than 100 characters, no line breaks).
    public static let maximumSubjectCharacters = 99
    private static let apiVersion = "2010-03-31"

    private let aws: AWSClient

    /// A client that sends through `aws`.
    public init(_ aws: AWSClient) {
        self.aws = aws
    }

    /// Publishes one message. It may be delivered twice when an answer is lost, which SNS allows itself anyway.
    ///
    /// - Parameter subject: the subject line for e-mail subscribers.
    /// - Returns: the message's identifier.
    /// - Throws: `AWSError.invalidRequest` for an empty or too large message or an unusable subject.
    @discardableResult
    public func publish(
        topicARN: String, subject: String? = nil, message: String
    ) async throws(AWSError) -> String {
        let operation = "Publish"
        if let detail = Self.brokenRule(subject: subject, message: message) {
            throw .invalidRequest(service: .sns, operation: operation, detail: detail)
        }
        var fields = [("Action", operation), ("Version", Self.apiVersion), ("TopicArn", topicARN)]
        if let subject { fields.append(("Subject", subject)) }
        fields.append(("Message", message))
        let form = fields.map { "\($0)=\(PercentEncoding.encodeForm($1))" }.joined(separator: "&")
        let response = try await aws.send(
            AWSCall(
                service: .sns, operation: operation, url: aws.configuration.endpoint(for: .sns) + "/",
                headers: ["Content-Type": "application/x-www-form-urlencoded; charset=utf-8"],
                body: Data(form.utf8)))
        guard
            let messageID = XMLText.firstElement("MessageId", in: String(decoding: response.body, as: UTF8.self))
        else { throw .malformedResponse(service: .sns, operation: operation, detail: "no MessageId") }
        return messageID
    }

    private static func brokenRule(subject: String?, message: String) -> String? {
        let messageBytes = message.utf8.count
        guard (1...maximumMessageBytes).contains(messageBytes) else {
            return "the message has \(messageBytes) bytes; 1 to \(maximumMessageBytes) are allowed"
        }
        guard let subject else { return nil }
        let isPrintable = subject.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        guard isPrintable, (1...maximumSubjectCharacters).contains(subject.utf8.count) else {
            return "a subject is 1 to \(maximumSubjectCharacters) printable ASCII characters"
        }
        return nil
    }
}
