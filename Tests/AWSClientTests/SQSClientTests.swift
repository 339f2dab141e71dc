import Foundation
import Testing

@testable import AWSClient

@Suite("SQS on the wire")
struct SQSClientTests {
    private static let queue = "https://sqs.eu-central-1.amazonaws.com/123456789012/jobs.fifo"

    @Test("a FIFO message carries group and deduplication identifier, the same on every attempt")
    func fifo() async throws {
        let aws = try ScriptedAWS([.fail(.timedOut("slow")), .json(#"{"MessageId":"m-1","MD5OfMessageBody":"x"}"#)])
        let id = try await SQSClient(aws.client).sendMessage(
            queueURL: Self.queue, body: "{}", messageGroupID: "ch_1", messageDeduplicationID: "job_1")
        #expect(id == "m-1")
        let expected: NSDictionary = [
            "QueueUrl": Self.queue, "MessageBody": "{}", "MessageGroupId": "ch_1", "MessageDeduplicationId": "job_1",
        ]
        #expect(try aws.jsonBody(0) == expected)
        #expect(try aws.jsonBody(1) == expected)
        #expect(aws.transport.requests[0].url == "https://sqs.eu-central-1.amazonaws.com/")
        #expect(aws.transport.requests[0].headers["X-Amz-Target"] == "AmazonSQS.SendMessage")
        #expect(aws.transport.requests[0].headers["Content-Type"] == "application/x-amz-json-1.0")
    }

    @Test("a message that SQS would refuse, or could not deduplicate, is not sent")
    func refused() async throws {
        let aws = try ScriptedAWS([])
        let client = SQSClient(aws.client)
        await #expect(throws: AWSError.self) {
            try await client.sendMessage(queueURL: Self.queue, body: "{}", messageGroupID: "g")
        }
        await #expect(throws: AWSError.self) { try await client.sendMessage(queueURL: "https://q/1/plain", body: "") }
        await #expect(throws: AWSError.self) {
            let body = String(repeating: "x", count: SQSClient.maximumBodyBytes + 1)
            try await client.sendMessage(queueURL: "https://q/1/plain", body: body)
        }
        await #expect(throws: AWSError.self) {
            let identifier = String(repeating: "x", count: 129)
            try await client.sendMessage(
                queueURL: Self.queue, body: "{}", messageGroupID: "g", messageDeduplicationID: identifier)
        }
        #expect(aws.transport.requests.isEmpty)
    }
}
