import Foundation
import LocalEmulator

/// Whether a bootstrap reads what it is sent: the echo reports every record whose content begins with `fail`.
///
/// An answer that is always the same could be given without looking; then a comparison would mean nothing.
struct RuntimeProof {
    /// An event with one record that must be reported, and the id under which.
    struct Question: Sendable, Equatable {
        let name: String
        let event: JSONValue
        let identifier: String
    }

    private static let records = 3
    private static let content = "fail on purpose"

    let harness: RuntimeHarness
    /// Where events are written.
    let directory: String

    /// What is wrong with the bootstrap's answers; `nil` when it has reported what it had to.
    func objection(to contender: RuntimeContender) throws -> String? {
        for question in [Self.queueQuestion, Self.streamQuestion] {
            let file = "\(directory)/\(question.name).json"
            try question.event.serialized().write(to: URL(fileURLWithPath: file))
            do {
                _ = try harness.measure(
                    contender, subject: "proof",
                    arguments: ["-e", file, "--warmup", "0", "--count", "1", "--expect", "\"\(question.identifier)\""])
            } catch let refusal as RuntimeRefusal {
                return "it does not report a \(question.name) record that asks to fail: \(refusal.reason)"
            }
        }
        return nil
    }

    /// The last of some messages is the one to report.
    static var queueQuestion: Question {
        let messages = (1...records).map { number -> JSONValue in
            [
                "messageId": .string(identifier(number)), "receiptHandle": "AQEB", "md5OfBody": "",
                "body": .string(number == records ? content : "go on"),
                "attributes": ["ApproximateReceiveCount": "1", "SentTimestamp": "1763668800000"],
                "messageAttributes": [:], "eventSource": "aws:sqs", "awsRegion": "us-east-1",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:fincore-jobs",
            ]
        }
        return Question(
            name: "sqs", event: ["Records": .array(messages)], identifier: identifier(records))
    }

    /// The last of some stream records is the one to report.
    static var streamQuestion: Question {
        let entries = (1...records).map { number -> JSONValue in
            [
                "kinesis": [
                    "kinesisSchemaVersion": "1.0", "partitionKey": "key",
                    "sequenceNumber": .string(identifier(number)),
                    "data": .string(Data((number == records ? content : "go on").utf8).base64EncodedString()),
                    "approximateArrivalTimestamp": 1_763_668_800.5,
                ],
                "eventSource": "aws:kinesis", "eventVersion": "1.0",
                "eventID": .string("shardId-000000000000:" + identifier(number)),
                "eventName": "aws:kinesis:record", "awsRegion": "us-east-1",
                "invokeIdentityArn": "arn:aws:iam::123456789012:role/fincore",
                "eventSourceARN": "arn:aws:kinesis:us-east-1:123456789012:stream/fincore-events",
            ]
        }
        return Question(
            name: "kinesis", event: ["Records": .array(entries)], identifier: identifier(records))
    }

    private static func identifier(_ number: Int) -> String { "4959033827149025660855969253836157109592\(number)" }
}
