import Foundation

/// The settings of a queue: checked when set, rendered as AWS renders them.
struct SQSQueueAttributes: Sendable, Equatable {
    /// Where a message goes that was received too often.
    struct RedrivePolicy: Sendable, Equatable {
        let deadLetterARN: String
        let maximumReceiveCount: Int
    }

    private(set) var values: [String: String]
    private(set) var redrivePolicy: RedrivePolicy?

    static let computed: Set<String> = [
        "QueueArn", "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed", "CreatedTimestamp", "LastModifiedTimestamp",
    ]
    private static let ranges: [String: ClosedRange<Int>] = [
        "DelaySeconds": SQSLimits.delaySeconds,
        "MaximumMessageSize": SQSLimits.maximumMessageSize,
        "MessageRetentionPeriod": SQSLimits.retentionSeconds,
        "ReceiveMessageWaitTimeSeconds": SQSLimits.waitSeconds,
        "VisibilityTimeout": SQSLimits.visibilityTimeoutSeconds,
        "KmsDataKeyReusePeriodSeconds": 60...86_400,
    ]
    private static let fifoOnly: [String: Set<String>] = [
        "FifoQueue": ["true"],
        "ContentBasedDeduplication": ["true", "false"],
        "DeduplicationScope": ["queue", "messageGroup"],
        "FifoThroughputLimit": ["perQueue", "perMessageGroupId"],
    ]
    /// Kept and given back; they have no effect here because nothing is encrypted and every caller may do all.
    private static let inert: Set<String> = ["Policy", "RedriveAllowPolicy", "KmsMasterKeyId", "SqsManagedSseEnabled"]

    static let names = Set(ranges.keys).union(fifoOnly.keys).union(inert).union(computed).union(["RedrivePolicy"])

    init(isFIFO: Bool) {
        values = [
            "DelaySeconds": "0", "MaximumMessageSize": String(SQSLimits.messageBytes),
            "MessageRetentionPeriod": "345600", "ReceiveMessageWaitTimeSeconds": "0", "VisibilityTimeout": "30",
            "SqsManagedSseEnabled": "true",
        ]
        if isFIFO {
            values["FifoQueue"] = "true"
            values["ContentBasedDeduplication"] = "false"
            values["DeduplicationScope"] = "queue"
            values["FifoThroughputLimit"] = "perQueue"
        }
    }

    var isFIFO: Bool { values["FifoQueue"] == "true" }
    var delaySeconds: Int { number("DelaySeconds") }
    var maximumMessageSize: Int { number("MaximumMessageSize") }
    var retentionMilliseconds: Int64 { Int64(number("MessageRetentionPeriod")) * 1000 }
    var waitSeconds: Int { number("ReceiveMessageWaitTimeSeconds") }
    var visibilityTimeoutSeconds: Int { number("VisibilityTimeout") }
    var deduplicatesByContent: Bool { values["ContentBasedDeduplication"] == "true" }
    var deduplicatesPerGroup: Bool { values["DeduplicationScope"] == "messageGroup" }

    /// Every number in `values` was checked when it was set, so the fallback is never used.
    private func number(_ name: String) -> Int { values[name].flatMap { Int($0) } ?? 0 }

    /// Sets the given attributes, all or none. An empty value clears an optional one.
    mutating func set(_ changes: [String: String]) throws(AWSServiceError) {
        var changed = self
        for (name, value) in changes {
            try changed.set(name, value)
        }
        self = changed
    }

    private mutating func set(_ name: String, _ value: String) throws(AWSServiceError) {
        if let range = Self.ranges[name] {
            guard let number = Int(value), range.contains(number) else { throw SQSErrors.invalidAttribute(name) }
            values[name] = String(number)
        } else if let allowed = Self.fifoOnly[name] {
            // A standard queue refuses even the word: AWS says that the attribute is unknown to it.
            guard isFIFO else { throw SQSErrors.unknownAttribute(name) }
            guard allowed.contains(value) else { throw SQSErrors.invalidAttribute(name) }
            values[name] = value
        } else if name == "RedrivePolicy" {
            redrivePolicy = try Self.parseRedrivePolicy(value)
            values[name] = value.isEmpty ? nil : value
        } else if Self.inert.contains(name) {
            values[name] = value.isEmpty ? nil : value
        } else {
            throw SQSErrors.unknownAttribute(name)
        }
    }

    private static func parseRedrivePolicy(_ value: String) throws(AWSServiceError) -> RedrivePolicy? {
        if value.isEmpty { return nil }
        func invalid(_ reason: String) -> AWSServiceError {
            SQSErrors.invalidParameter("RedrivePolicy", value: value, reason: reason)
        }
        guard let policy = try? JSONValue(parsing: Data(value.utf8)), policy.objectValue != nil else {
            throw invalid("Redrive policy is not a valid JSON map.")
        }
        guard let arn = policy["deadLetterTargetArn"]?.stringValue else {
            throw invalid("Redrive policy does not contain mandatory attribute: deadLetterTargetArn.")
        }
        // AWS takes the count as a number and as text; templates use both.
        let written = policy["maxReceiveCount"]
        guard let written else {
            throw invalid("Redrive policy does not contain mandatory attribute: maxReceiveCount.")
        }
        guard let count = written.intValue ?? written.stringValue.flatMap({ Int($0) }),
            SQSLimits.maximumReceiveCount.contains(count)
        else {
            throw invalid("maxReceiveCount must be between 1 and 1000.")
        }
        return RedrivePolicy(deadLetterARN: arn, maximumReceiveCount: count)
    }
}
