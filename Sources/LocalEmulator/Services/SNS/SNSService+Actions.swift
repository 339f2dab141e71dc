import Foundation
import Synchronization

extension SNSService {
    /// Performs one action and returns the content of its result element; `nil` when there is none of that name.
    func perform(_ action: String, _ input: SNSInput) throws(AWSServiceError) -> AWSXML? {
        switch action {
        case "CreateTopic": try createTopic(input)
        case "DeleteTopic": try deleteTopic(input)
        case "ListTopics": listTopics(input)
        case "GetTopicAttributes": try getTopicAttributes(input)
        case "Publish": try publish(input)
        case "Subscribe": try subscribe(input)
        case "Unsubscribe": try unsubscribe(input)
        case "ListSubscriptionsByTopic": try listSubscriptions(input)
        default: nil
        }
    }

    private func createTopic(_ input: SNSInput) throws(AWSServiceError) -> AWSXML {
        let name = try input.required("Name")
        let attributes = input.map("Attributes")
        let base = name.hasSuffix(".fifo") ? String(name.dropLast(5)) : name
        let isWellFormed = AWSNames.isAlphanumeric(base, or: "-_")
        guard isWellFormed, !base.isEmpty, name.utf8.count <= 256 else {
            throw AWSServiceError("InvalidParameter", "Invalid parameter: Topic Name '\(name)'")
        }
        let arn = createTopic(name)
        topics.withLock { topics in topics[arn]?.attributes.merge(attributes) { _, new in new } }
        var xml = AWSXML()
        xml.element("TopicArn", arn)
        return xml
    }

    private func deleteTopic(_ input: SNSInput) throws(AWSServiceError) -> AWSXML {
        let arn = try input.required("TopicArn")
        topics.withLock { $0[arn] = nil }
        return AWSXML()
    }

    private func listTopics(_ input: SNSInput) -> AWSXML {
        let after = input.string("NextToken") ?? ""
        let remaining = topics.withLock { $0.keys.sorted() }.filter { $0 > after }
        let page = remaining.prefix(Self.pageSize)
        var xml = AWSXML()
        xml.element("Topics") { list in
            for arn in page {
                list.element("member") { $0.element("TopicArn", arn) }
            }
        }
        if remaining.count > page.count, let last = page.last { xml.element("NextToken", last) }
        return xml
    }

    private func getTopicAttributes(_ input: SNSInput) throws(AWSServiceError) -> AWSXML {
        let arn = try input.required("TopicArn")
        guard let topic = topics.withLock({ $0[arn] }) else { throw notFound("Topic", arn) }
        let computed = [
            "TopicArn": arn, "Owner": account.id, "SubscriptionsPending": "0", "SubscriptionsDeleted": "0",
            "SubscriptionsConfirmed": String(topic.subscriptions.count),
        ]
        var xml = AWSXML()
        xml.element("Attributes") { list in
            for (name, value) in topic.attributes.merging(computed, uniquingKeysWith: { $1 }).sorted(by: { $0 < $1 }) {
                list.element("entry") { entry in
                    entry.element("key", name)
                    entry.element("value", value)
                }
            }
        }
        return xml
    }

    private func publish(_ input: SNSInput) throws(AWSServiceError) -> AWSXML {
        guard let arn = input.string("TopicArn") ?? input.string("TargetArn") else {
            throw AWSServiceError(
                "InvalidParameter", "Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter")
        }
        let text = try input.required("Message")
        guard text.utf8.count <= Self.maximumMessageBytes else {
            throw AWSServiceError(
                "InvalidParameter",
                "Invalid parameter: Message too long: \(text.utf8.count) bytes, at most \(Self.maximumMessageBytes)")
        }
        let subject = input.string("Subject")
        if let subject {
            guard (1...Self.maximumSubjectCharacters).contains(subject.count), !subject.contains(where: \.isNewline)
            else { throw AWSServiceError("InvalidParameter", "Invalid parameter: Subject") }
        }
        let attributes = try messageAttributes(input)
        let message = SNSMessage(messageID: UUID().uuidString.lowercased(), subject: subject, message: text)
        let subscriptions = topics.withLock { topics -> [Subscription]? in
            topics[arn]?.published.append(message)
            return topics[arn]?.subscriptions
        }
        guard let subscriptions else { throw notFound("Topic", arn) }
        deliver(message, attributes: attributes, to: subscriptions)
        var xml = AWSXML()
        xml.element("MessageId", message.messageID)
        return xml
    }

    private func messageAttributes(_ input: SNSInput) throws(AWSServiceError) -> [String: SQSMessageAttribute] {
        var attributes: [String: SQSMessageAttribute] = [:]
        for index in 1... {
            let prefix = "MessageAttributes.entry.\(index)"
            guard let name = input.string("\(prefix).Name") else { break }
            let dataType = try input.required("\(prefix).Value.DataType")
            if let text = input.string("\(prefix).Value.StringValue") {
                attributes[name] = SQSMessageAttribute(dataType: dataType, value: .text(text))
            } else if let data = input.string("\(prefix).Value.BinaryValue").flatMap({ Data(base64Encoded: $0) }) {
                attributes[name] = SQSMessageAttribute(dataType: dataType, value: .binary(data))
            } else {
                throw AWSServiceError(
                    "ParameterValueInvalid", "The message attribute '\(name)' must contain a non-empty value.")
            }
        }
        return attributes
    }

    private func subscribe(_ input: SNSInput) throws(AWSServiceError) -> AWSXML {
        let arn = try input.required("TopicArn")
        let kind = try input.required("Protocol")
        guard kind == "sqs" else {
            throw AWSServiceError(
                "InvalidParameter",
                "Invalid parameter: Protocol '\(kind)'; the local emulator delivers only to 'sqs'.")
        }
        let endpoint = try input.required("Endpoint")
        _ = try queueName(ofARN: endpoint)
        let isRaw = input.map("Attributes")["RawMessageDelivery"] == "true"
        let subscriptionARN: String? = topics.withLock { topics in
            guard let topic = topics[arn] else { return nil }
            // Subscribing an endpoint twice gives back the subscription there is.
            if let existing = topic.subscriptions.first(where: { $0.endpoint == endpoint }) { return existing.arn }
            let subscription = Subscription(
                arn: "\(arn):\(UUID().uuidString.lowercased())", topicARN: arn, endpoint: endpoint, isRaw: isRaw)
            topics[arn]?.subscriptions.append(subscription)
            return subscription.arn
        }
        guard let subscriptionARN else { throw notFound("Topic", arn) }
        var xml = AWSXML()
        xml.element("SubscriptionArn", subscriptionARN)
        return xml
    }

    private func unsubscribe(_ input: SNSInput) throws(AWSServiceError) -> AWSXML {
        let arn = try input.required("SubscriptionArn")
        topics.withLock { topics in
            for topic in topics.keys { topics[topic]?.subscriptions.removeAll { $0.arn == arn } }
        }
        return AWSXML()
    }

    private func listSubscriptions(_ input: SNSInput) throws(AWSServiceError) -> AWSXML {
        let arn = try input.required("TopicArn")
        guard let topic = topics.withLock({ $0[arn] }) else { throw notFound("Topic", arn) }
        var xml = AWSXML()
        xml.element("Subscriptions") { list in
            for subscription in topic.subscriptions {
                list.element("member") { member in
                    member.element("SubscriptionArn", subscription.arn)
                    member.element("Owner", account.id)
                    member.element("Protocol", "sqs")
                    member.element("Endpoint", subscription.endpoint)
                    member.element("TopicArn", arn)
                }
            }
        }
        return xml
    }
}
