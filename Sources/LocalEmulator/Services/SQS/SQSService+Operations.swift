import Foundation

extension SQSService {
    /// Performs one wire operation; `nil` when there is none of that name.
    func perform(_ operation: String, _ input: AWSInput) throws(AWSServiceError) -> JSONValue? {
        switch operation {
        case "CreateQueue": try createQueue(input)
        case "DeleteQueue": try deleteQueue(input)
        case "GetQueueUrl": try getQueueURL(input)
        case "GetQueueAttributes": try getQueueAttributes(input)
        case "SetQueueAttributes": try setQueueAttributes(input)
        case "ListQueues": try listQueues(input)
        case "ListDeadLetterSourceQueues": try listDeadLetterSourceQueues(input)
        case "PurgeQueue": try purgeQueue(input)
        case "ListQueueTags": try listQueueTags(input)
        case "TagQueue": try tagQueue(input)
        case "UntagQueue": try untagQueue(input)
        case "SendMessage": try sendMessage(input)
        case "SendMessageBatch": try sendMessageBatch(input)
        case "ReceiveMessage": try receiveMessage(input)
        case "DeleteMessage": try deleteMessage(input)
        case "DeleteMessageBatch": try deleteMessageBatch(input)
        case "ChangeMessageVisibility": try changeMessageVisibility(input)
        case "ChangeMessageVisibilityBatch": try changeMessageVisibilityBatch(input)
        default: nil
        }
    }

    /// The queue a request is about: the last part of its URL, whatever host the client reached it by.
    func queueName(_ input: AWSInput) throws(AWSServiceError) -> String {
        let url = try input.requiredString("QueueUrl")
        guard let name = url.split(separator: "/").last else { throw SQSErrors.queueDoesNotExist() }
        return String(name)
    }

    private func createQueue(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let url = try create(
            name: try input.requiredString("QueueName"), attributes: try input.stringMap("Attributes") ?? [:],
            tags: try input.stringMap("tags") ?? [:])
        return ["QueueUrl": .string(url)]
    }

    private func deleteQueue(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let name = try queueName(input)
        try monitor.transaction { (state) throws(AWSServiceError) in
            guard state.queues.removeValue(forKey: name) != nil else { throw SQSErrors.queueDoesNotExist() }
        }
        return [:]
    }

    private func getQueueURL(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let name = try input.requiredString("QueueName")
        try withQueue(name) { _ in }
        return ["QueueUrl": .string(url(ofQueue: name))]
    }

    private func getQueueAttributes(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let requested = try input.strings("AttributeNames") ?? []
        for name in requested where name != "All" && !SQSQueueAttributes.names.contains(name) {
            throw SQSErrors.unknownAttribute(name)
        }
        let values = try withQueue(try queueName(input)) { (queue) in
            let depth = queue.depth(nowMilliseconds: now())
            let computed = [
                "QueueArn": queue.arn,
                "ApproximateNumberOfMessages": String(depth.visible),
                "ApproximateNumberOfMessagesNotVisible": String(depth.inFlight),
                "ApproximateNumberOfMessagesDelayed": String(depth.delayed),
                "CreatedTimestamp": String(queue.createdMilliseconds / 1000),
                "LastModifiedTimestamp": String(queue.modifiedMilliseconds / 1000),
            ]
            return queue.attributes.values.merging(computed) { _, computed in computed }
        }
        let chosen = requested.contains("All") ? values : values.filter { requested.contains($0.key) }
        return chosen.isEmpty ? [:] : ["Attributes": .object(chosen.mapValues { .string($0) })]
    }

    private func setQueueAttributes(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let name = try queueName(input)
        let changes = try input.required("Attributes", try input.stringMap("Attributes"))
        try monitor.transaction { (state) throws(AWSServiceError) in
            guard var attributes = state.queues[name]?.attributes else { throw SQSErrors.queueDoesNotExist() }
            if changes["FifoQueue"] != nil, !attributes.isFIFO { throw SQSErrors.unknownAttribute("FifoQueue") }
            try attributes.set(changes)
            try checkRedrive(attributes, in: state)
            state.queues[name]?.attributes = attributes
            state.queues[name]?.modifiedMilliseconds = now()
        }
        return [:]
    }

    private func listQueues(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let prefix = try input.string("QueueNamePrefix") ?? ""
        let names = queueNames().filter { $0.hasPrefix(prefix) }
        let maximum = try input.integer("MaxResults") ?? 1_000
        guard (1...1_000).contains(maximum) else {
            throw SQSErrors.invalidParameter("MaxResults", value: String(maximum), reason: "Must be from 1 to 1000.")
        }
        let after = try input.string("NextToken") ?? ""
        let page = names.filter { $0 > after }
        var output: [String: JSONValue] = [:]
        if !page.isEmpty { output["QueueUrls"] = .array(page.prefix(maximum).map { .string(url(ofQueue: $0)) }) }
        if page.count > maximum { output["NextToken"] = .string(page[maximum - 1]) }
        return .object(output)
    }

    private func listDeadLetterSourceQueues(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let name = try queueName(input)
        try withQueue(name) { _ in }
        let arn = arn(ofQueue: name)
        let sources = monitor.read { state in
            state.queues.values.filter { $0.attributes.redrivePolicy?.deadLetterARN == arn }.map(\.name).sorted()
        }
        return ["queueUrls": .array(sources.map { .string(url(ofQueue: $0)) })]
    }

    private func purgeQueue(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        try withQueue(try queueName(input)) { $0.purge() }
        return [:]
    }

    private func listQueueTags(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let tags = try withQueue(try queueName(input)) { $0.tags }
        return tags.isEmpty ? [:] : ["Tags": .object(tags.mapValues { .string($0) })]
    }

    private func tagQueue(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let tags = try input.required("Tags", try input.stringMap("Tags"))
        try withQueue(try queueName(input)) { $0.tags.merge(tags) { _, new in new } }
        return [:]
    }

    private func untagQueue(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let keys = try input.required("TagKeys", try input.strings("TagKeys"))
        try withQueue(try queueName(input)) { queue in
            for key in keys { queue.tags[key] = nil }
        }
        return [:]
    }
}
