import Foundation
import Testing

@testable import AWSClient

/// Our clients against moto, a foreign implementation of the services, with signatures checked.
@Suite("Conformance with moto", .serialized)
struct MotoConformanceTests {
    private let moto: MotoServer

    init() throws {
        moto = try MotoServer.shared.get()
    }

    @Test("SQS: a FIFO queue takes a message once, and hands out what was sent")
    func sqs() throws {
        try moto.run { aws in
            let sqs = SQSClient(aws)
            try await aws.raw(.sqs, "CreateQueue", #"{"QueueName":"jobs.fifo","Attributes":{"FifoQueue":"true"}}"#)
            let url = try await sqs.getQueueURL(name: "jobs.fifo")
            #expect(url.hasSuffix("/jobs.fifo"))
            let body = #"{"job_id":"job_1","note":"ü \"quoted\" / slash"}"#
            for _ in 0..<2 {
                try await sqs.sendMessage(
                    queueURL: url, body: body, messageGroupID: "ch_1", messageDeduplicationID: "job_1")
            }
            #expect(try await sqs.queueAttributes(queueURL: url)["ApproximateNumberOfMessages"] == "1")

            let received = try await aws.raw(
                .sqs, "ReceiveMessage", #"{"QueueUrl":"\#(url)","AttributeNames":["All"]}"#)
            let messages = try #require(received["Messages"] as? [[String: Any]])
            #expect(messages.count == 1)
            #expect(messages[0]["Body"] as? String == body)
            let attributes = try #require(messages[0]["Attributes"] as? [String: String])
            #expect(attributes["MessageGroupId"] == "ch_1")
            #expect(attributes["MessageDeduplicationId"] == "job_1")
        }
    }

    @Test("SQS: a queue that is not there is an error with its code")
    func sqsMissingQueue() throws {
        try moto.run { aws in
            let error = await #expect(throws: AWSError.self) { try await SQSClient(aws).getQueueURL(name: "nowhere") }
            #expect(error?.code == "QueueDoesNotExist")
        }
    }

    @Test("Kinesis: more records than one request takes arrive complete and in order")
    func kinesis() throws {
        try moto.run { aws in
            try await aws.raw(.kinesis, "CreateStream", #"{"StreamName":"events","ShardCount":1}"#)
            let records = (0..<1_203).map { number in
                KinesisPutRecord(data: Data("event \(number) ü".utf8), partitionKey: "ch_\(number % 7)é")
            }
            try await KinesisClient(aws).putRecords(stream: "events", records: records)

            let iteratorRequest = #"""
                {"StreamName":"events","ShardId":"shardId-000000000000","ShardIteratorType":"TRIM_HORIZON"}
                """#
            let iterator = try await aws.raw(.kinesis, "GetShardIterator", iteratorRequest)["ShardIterator"]
            // moto breaks its iterators into lines.
            let shardIterator = try #require(iterator as? String).replacingOccurrences(of: "\n", with: "\\n")
            let page = try await aws.raw(.kinesis, "GetRecords", #"{"ShardIterator":"\#(shardIterator)"}"#)
            let stored = try #require(page["Records"] as? [[String: Any]])
            #expect(stored.compactMap { $0["PartitionKey"] as? String } == records.map(\.partitionKey))
            let data = stored.compactMap { ($0["Data"] as? String).flatMap { Data(base64Encoded: $0) } }
            #expect(data == records.map(\.data))
        }
    }

    @Test("Secrets Manager: a secret is read by name and by ARN; a missing one is an error with its code")
    func secrets() throws {
        try moto.run { aws in
            let text = #"{\"api_key\":\"sk_test_ü\"}"#
            let created = try await aws.raw(
                .secretsManager, "CreateSecret",
                #"{"Name":"fincore/stripe","SecretString":"\#(text)","ClientRequestToken":"\#(UUID().uuidString)"}"#)
            let arn = try #require(created["ARN"] as? String)
            let client = SecretsManagerClient(aws)
            #expect(try await client.secretString(id: "fincore/stripe") == #"{"api_key":"sk_test_ü"}"#)
            #expect(try await client.secretString(id: arn) == #"{"api_key":"sk_test_ü"}"#)
            let error = await #expect(throws: AWSError.self) { try await client.secretString(id: "nowhere") }
            #expect(error?.code == "ResourceNotFoundException")
        }
    }

    @Test(
        "S3: objects come back under every kind of key",
        arguments: ["plain.csv", "a b/ü+=&.csv", "a//b", "a/../b", "tilde~(x)'*!", "日本/🧾", "100%/%41"])
    func s3(key: String) throws {
        try moto.run { aws in
            let bucket = "fincore-reports"
            let url = "\(aws.configuration.endpoint(for: .s3))/\(bucket)"
            let constraint = "<LocationConstraint>eu-central-1</LocationConstraint>"
            let location = Data("<CreateBucketConfiguration>\(constraint)</CreateBucketConfiguration>".utf8)
            // Creating a bucket one already owns is an error of its own outside us-east-1; either way it is there.
            _ = try? await aws.send(
                AWSCall(service: .s3, operation: "CreateBucket", method: "PUT", url: url, body: location))
            let client = S3Client(aws)
            let content = Data((0...255).map { UInt8($0) }) + Data(key.utf8)
            try await client.putObject(bucket: bucket, key: key, body: content, contentType: "text/csv")
            #expect(try await client.getObject(bucket: bucket, key: key) == content)
            let error = await #expect(throws: AWSError.self) {
                try await client.getObject(bucket: bucket, key: key + ".missing")
            }
            #expect(error?.code == "NoSuchKey")
        }
    }

    @Test("SNS: a published message reaches a subscriber as it was written")
    func sns() throws {
        try moto.run { aws in
            func form(_ text: String) async throws -> String {
                let url = aws.configuration.endpoint(for: .sns) + "/"
                let call = AWSCall(
                    service: .sns, operation: "Setup", url: url,
                    headers: ["Content-Type": "application/x-www-form-urlencoded; charset=utf-8"],
                    body: Data(text.utf8))
                return String(decoding: try await aws.send(call).body, as: UTF8.self)
            }
            try await aws.raw(.sqs, "CreateQueue", #"{"QueueName":"alerts-inbox"}"#)
            let sqs = SQSClient(aws)
            let queueURL = try await sqs.getQueueURL(name: "alerts-inbox")
            let queueARN = try #require(try await sqs.queueAttributes(queueURL: queueURL)["QueueArn"])
            let created = try await form("Action=CreateTopic&Version=2010-03-31&Name=alerts")
            let topic = try #require(XMLText.firstElement("TopicArn", in: created))
            let subscription = "Protocol=sqs&TopicArn=\(PercentEncoding.encodeForm(topic))"
            _ = try await form(
                "Action=Subscribe&Version=2010-03-31&\(subscription)&Endpoint=\(PercentEncoding.encodeForm(queueARN))")

            let message = "row 3: gross 12,00 ≠ 10,00 & more=1+1 ~*'()\n"
            let id = try await SNSClient(aws).publish(topicARN: topic, subject: "Two rows differ", message: message)
            let received = try await aws.raw(.sqs, "ReceiveMessage", #"{"QueueUrl":"\#(queueURL)"}"#)
            let messages = try #require(received["Messages"] as? [[String: Any]])
            let envelopeText = try #require(messages.first?["Body"] as? String)
            let envelope = try #require(
                try JSONSerialization.jsonObject(with: Data(envelopeText.utf8)) as? [String: Any])
            #expect(envelope["MessageId"] as? String == id)
            #expect(envelope["Message"] as? String == message)
            #expect(envelope["Subject"] as? String == "Two rows differ")
        }
    }
}
