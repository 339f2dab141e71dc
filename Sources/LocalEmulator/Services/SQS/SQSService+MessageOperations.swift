import Foundation

extension SQSService {
    func sendMessage(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let name = try queueName(input)
        return try sendOne(try draft(input), input, queue: name)
    }

    func sendMessageBatch(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let name = try queueName(input)
        try withQueue(name) { _ in }
        let entries = try batchEntries(input)
        var byteCount = 0
        for entry in entries { byteCount += (try? draft(entry)).map(Self.byteCount) ?? 0 }
        guard byteCount <= SQSLimits.messageBytes else {
            throw SQSErrors.batch(
                "BatchRequestTooLong",
                "Batch requests cannot be longer than \(SQSLimits.messageBytes) bytes. You have sent \(byteCount) bytes."
            )
        }
        return try eachEntry(entries) { (entry) throws(AWSServiceError) in
            try sendOne(try draft(entry), entry, queue: name)
        }
    }

    private func draft(_ input: AWSInput) throws(AWSServiceError) -> SQSDraft {
        let system = try SQSMessageAttribute.parse(input, member: "MessageSystemAttributes")
        for name in system.keys where name != "AWSTraceHeader" {
            throw SQSErrors.invalidParameter(
                "The message system attribute '\(name)' is unknown; AWSTraceHeader is the only one.")
        }
        var traceHeader: String?
        if case .text(let text) = system["AWSTraceHeader"]?.value { traceHeader = text }
        return SQSDraft(
            body: try input.requiredString("MessageBody"),
            attributes: try SQSMessageAttribute.parse(input, member: "MessageAttributes"), traceHeader: traceHeader,
            groupID: try input.string("MessageGroupId"),
            deduplicationID: try input.string("MessageDeduplicationId"),
            delaySeconds: try input.integer("DelaySeconds"))
    }

    private func sendOne(
        _ draft: SQSDraft, _ input: AWSInput, queue name: String
    ) throws(AWSServiceError) -> JSONValue {
        let (receipt, md5OfBody) = try send(draft, queue: name)
        var output: [String: JSONValue] = [
            "MessageId": .string(receipt.messageID), "MD5OfMessageBody": .string(md5OfBody),
        ]
        output["MD5OfMessageAttributes"] = SQSMessageAttribute.md5(draft.attributes).map { .string($0) }
        let system = try SQSMessageAttribute.parse(input, member: "MessageSystemAttributes")
        output["MD5OfMessageSystemAttributes"] = SQSMessageAttribute.md5(system).map { .string($0) }
        output["SequenceNumber"] = receipt.sequenceNumber.map { .string($0) }
        return .object(output)
    }

    func receiveMessage(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let name = try queueName(input)
        let maximum = try input.integer("MaxNumberOfMessages") ?? 1
        guard (1...SQSLimits.receiveMessages).contains(maximum) else {
            throw SQSErrors.invalidParameter(
                "MaxNumberOfMessages", value: String(maximum), reason: "Must be between 1 and 10, if provided.")
        }
        let (queueWaitSeconds, inFlight) = try withQueue(name) { queue in
            (queue.attributes.waitSeconds, queue.depth(nowMilliseconds: now()).inFlight)
        }
        let waitSeconds = try input.integer("WaitTimeSeconds") ?? queueWaitSeconds
        guard SQSLimits.waitSeconds.contains(waitSeconds) else {
            throw SQSErrors.invalidParameter(
                "WaitTimeSeconds", value: String(waitSeconds), reason: "Must be >= 0 and <= 20, if provided.")
        }
        let visibility = try input.integer("VisibilityTimeout")
        if let visibility { try checkVisibilityTimeout(visibility) }
        guard inFlight < SQSLimits.inFlightMessages else {
            // A FIFO queue says nothing and delivers nothing; a standard queue says why.
            if name.hasSuffix(".fifo") { return [:] }
            throw SQSErrors.overLimit(name)
        }
        let messages = receiveStored(
            queue: name, maximum: maximum, waitMilliseconds: waitSeconds * 1000, visibilityTimeoutSeconds: visibility)
        guard !messages.isEmpty else { return [:] }
        let selection = try AttributeSelection(input)
        return ["Messages": .array(messages.map { selection.wire($0, senderID: account.id) })]
    }

    func deleteMessage(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        try deleteOne(input, queue: try queueName(input))
    }

    func deleteMessageBatch(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let name = try queueName(input)
        try withQueue(name) { _ in }
        return try eachEntry(try batchEntries(input)) { (entry) throws(AWSServiceError) in
            try deleteOne(entry, queue: name)
        }
    }

    private func deleteOne(_ input: AWSInput, queue name: String) throws(AWSServiceError) -> JSONValue {
        let handle = try input.requiredString("ReceiptHandle")
        try withQueue(name) { (queue) throws(AWSServiceError) in
            try queue.delete(receiptHandle: handle, nowMilliseconds: now())
        }
        return [:]
    }

    func changeMessageVisibility(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        try changeOne(input, queue: try queueName(input))
    }

    func changeMessageVisibilityBatch(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let name = try queueName(input)
        try withQueue(name) { _ in }
        return try eachEntry(try batchEntries(input)) { (entry) throws(AWSServiceError) in
            try changeOne(entry, queue: name)
        }
    }

    private func changeOne(_ input: AWSInput, queue name: String) throws(AWSServiceError) -> JSONValue {
        let handle = try input.requiredString("ReceiptHandle")
        let seconds = try input.required("VisibilityTimeout", try input.integer("VisibilityTimeout"))
        try checkVisibilityTimeout(seconds)
        try withQueue(name) { (queue) throws(AWSServiceError) in
            try queue.changeVisibility(receiptHandle: handle, timeoutSeconds: seconds, nowMilliseconds: now())
        }
        return [:]
    }

    private func checkVisibilityTimeout(_ seconds: Int) throws(AWSServiceError) {
        guard SQSLimits.visibilityTimeoutSeconds.contains(seconds) else {
            throw SQSErrors.invalidParameter(
                "VisibilityTimeout", value: String(seconds),
                reason: "VisibilityTimeout must be an integer between 0 and 43200.")
        }
    }

    // MARK: Batches

    private func batchEntries(_ input: AWSInput) throws(AWSServiceError) -> [AWSInput] {
        let entries = try input.required("Entries", try input.structures("Entries"))
        guard !entries.isEmpty else {
            throw SQSErrors.batch("EmptyBatchRequest", "There should be at least one entry in the request.")
        }
        guard entries.count <= SQSLimits.batchEntries else {
            throw SQSErrors.batch(
                "TooManyEntriesInBatchRequest",
                "Maximum number of entries per request are \(SQSLimits.batchEntries). You have sent \(entries.count).")
        }
        var seen: Set<String> = []
        for entry in entries {
            let id = try entry.requiredString("Id")
            let isWellFormed = AWSNames.isAlphanumeric(id, or: "-_")
            guard isWellFormed, SQSLimits.batchEntryIDCharacters.contains(id.utf8.count) else {
                throw SQSErrors.batch(
                    "InvalidBatchEntryId",
                    "A batch entry id can only contain alphanumeric characters, hyphens and underscores. "
                        + "It can be at most 80 letters long. It was '\(id)'.")
            }
            guard seen.insert(id).inserted else {
                throw SQSErrors.batch("BatchEntryIdsNotDistinct", "Id \(id) repeated.")
            }
        }
        return entries
    }

    /// Performs every entry on its own: one that fails is reported beside those that did not.
    private func eachEntry(
        _ entries: [AWSInput], _ perform: (AWSInput) throws(AWSServiceError) -> JSONValue
    ) throws(AWSServiceError) -> JSONValue {
        var successful: [JSONValue] = []
        var failed: [JSONValue] = []
        for entry in entries {
            let id = try entry.requiredString("Id")
            do throws(AWSServiceError) {
                var result = try perform(entry)
                result["Id"] = .string(id)
                successful.append(result)
            } catch {
                failed.append([
                    "Id": .string(id), "SenderFault": .bool(error.status < 500),
                    "Code": .string(error.queryCode ?? error.code), "Message": .string(error.message),
                ])
            }
        }
        var output: [String: JSONValue] = ["Successful": .array(successful)]
        if !failed.isEmpty { output["Failed"] = .array(failed) }
        return .object(output)
    }
}

/// Which attributes a receive call asks for.
private struct AttributeSelection {
    private let system: Set<String>
    private let custom: [String]

    init(_ input: AWSInput) throws(AWSServiceError) {
        // `AttributeNames` is the older name of the same member.
        system = Set(
            (try input.strings("MessageSystemAttributeNames") ?? []) + (try input.strings("AttributeNames") ?? []))
        custom = try input.strings("MessageAttributeNames") ?? []
    }

    func wire(_ stored: SQSStoredMessage, senderID: String) -> JSONValue {
        let message = stored.delivered(senderID: senderID)
        var output: [String: JSONValue] = [
            "MessageId": .string(message.messageID), "ReceiptHandle": .string(message.receiptHandle),
            "MD5OfBody": .string(message.md5OfBody), "Body": .string(message.body),
        ]
        let chosenSystem = message.attributes.filter { system.contains("All") || system.contains($0.key) }
        if !chosenSystem.isEmpty { output["Attributes"] = .object(chosenSystem.mapValues { .string($0) }) }
        let chosen = stored.attributes.filter { isWanted($0.key) }
        if !chosen.isEmpty {
            output["MessageAttributes"] = .object(chosen.mapValues(\.wire))
            // The digest covers what is delivered, since that is all the receiver can check.
            output["MD5OfMessageAttributes"] = SQSMessageAttribute.md5(chosen).map { .string($0) }
        }
        return .object(output)
    }

    /// A name, `All`, `.*`, or a prefix followed by `.*`.
    private func isWanted(_ name: String) -> Bool {
        custom.contains { pattern in
            if pattern == "All" || pattern == ".*" || pattern == name { return true }
            return pattern.hasSuffix(".*") && name.hasPrefix(pattern.dropLast(2))
        }
    }
}
