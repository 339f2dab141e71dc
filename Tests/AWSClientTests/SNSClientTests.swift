import Foundation
import Testing

@testable import AWSClient

@Suite("SNS on the wire")
struct SNSClientTests {
    @Test("a publication is a form, its answer XML")
    func publish() async throws {
        let aws = try ScriptedAWS([
            .json("<PublishResponse><PublishResult><MessageId>m-1</MessageId></PublishResult></PublishResponse>")
        ])
        let id = try await SNSClient(aws.client).publish(
            topicARN: "arn:aws:sns:eu-central-1:1:alerts", subject: "Two rows", message: "a=b & c\nü")
        #expect(id == "m-1")
        let body = String(decoding: try #require(aws.transport.requests[0].body), as: UTF8.self)
        let fields = "TopicArn=arn%3Aaws%3Asns%3Aeu-central-1%3A1%3Aalerts&Subject=Two+rows"
        #expect(body == "Action=Publish&Version=2010-03-31&\(fields)&Message=a%3Db+%26+c%0A%C3%BC")
    }

    @Test("an answer without identifier is not taken for success")
    func noIdentifier() async throws {
        let aws = try ScriptedAWS([.json("<ListAllMyBucketsResult/>")])
        await #expect(throws: AWSError.self) {
            try await SNSClient(aws.client).publish(topicARN: "arn", message: "m")
        }
    }

    @Test(
        "an unusable subject or message is not sent",
        arguments: ["", "two\nlines", "ü", String(repeating: "x", count: 100)])
    func refused(subject: String) async throws {
        let aws = try ScriptedAWS([])
        await #expect(throws: AWSError.self) {
            try await SNSClient(aws.client).publish(topicARN: "arn", subject: subject, message: "m")
        }
        await #expect(throws: AWSError.self) {
            try await SNSClient(aws.client).publish(topicARN: "arn", message: "")
        }
        #expect(aws.transport.requests.isEmpty)
    }
}
