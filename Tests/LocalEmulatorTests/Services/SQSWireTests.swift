import Foundation
import Testing

@testable import LocalEmulator

@Suite struct SQSWireTests {
    let service: SQSService
    let client: WireClient
    let url: JSONValue = "http://127.0.0.1:9/123456789012/plain"
    let fifoURL: JSONValue = "http://127.0.0.1:9/123456789012/jobs.fifo"

    init() throws {
        service = SQSService(account: "123456789012", region: "eu-central-1", baseURL: { "http://127.0.0.1:9" })
        client = WireClient(service: service, targetPrefix: "AmazonSQS")
        try service.createQueue(name: "plain")
        try service.createQueue(name: "jobs.fifo", attributes: ["FifoQueue": "true"])
    }

    @Test func `an unknown queue is named in both of its error codes`() throws {
        let answer = try client.call("SendMessage", ["QueueUrl": "http://x/1/none", "MessageBody": "m"])
        #expect(answer.status == 400)
        #expect(answer["__type"] == "com.amazonaws.sqs#QueueDoesNotExist")
        #expect(answer.headers["x-amzn-query-error"] == "AWS.SimpleQueueService.NonExistentQueue;Sender")
    }

    @Test func `an unknown operation is named`() throws {
        let answer = try client.call("StartMessageMoveTask")
        #expect(answer.errorCode == "UnknownOperationException")
        #expect(answer.message?.contains("StartMessageMoveTask") == true)
    }

    @Test(arguments: ["", "{", "[]", "{\"QueueUrl\":", "\u{0}"])
    func `a body that is no JSON object is refused`(body: String) throws {
        let request = HTTPServerRequest(
            method: "POST", target: "/", headers: ["X-Amz-Target": "AmazonSQS.SendMessage"], body: Data(body.utf8))
        let answer = try WireClient.answer(service.handle(request))
        #expect(answer.status == 400)
        #expect(["SerializationException", "MissingRequiredParameterException"].contains(answer.errorCode))
    }

    @Test func `members of the wrong type are named`() throws {
        let answer = try client.call("SendMessage", ["QueueUrl": url, "MessageBody": 5])
        #expect(answer.errorCode == "SerializationException")
        #expect(answer.message?.contains("MessageBody") == true)
    }

    @Test func `the digests are those of the SQS documentation's algorithm`() throws {
        let answer = try client.call(
            "SendMessage",
            [
                "QueueUrl": url, "MessageBody": "This is a test message",
                "MessageAttributes": [
                    "test_attribute_name_2": ["DataType": "String", "StringValue": "test_attribute_value_2"],
                    "test_attribute_name_1": ["DataType": "String", "StringValue": "test_attribute_value_1"],
                ],
            ])
        #expect(answer["MD5OfMessageBody"] == "fafb00f5732ab283681e124bf8747ed1")
        #expect(answer["MD5OfMessageAttributes"]?.stringValue?.count == 32)
        let received = try client.call(
            "ReceiveMessage", ["QueueUrl": url, "MessageAttributeNames": ["test_attribute_name_1"]])
        let message = try #require(received["Messages"]?[0])
        #expect(message["MessageAttributes"]?.objectValue?.count == 1)
        #expect(message["MD5OfMessageAttributes"] != answer["MD5OfMessageAttributes"])
    }

    @Test func `a message of one mebibyte passes and one byte more does not`() throws {
        let limit = SQSLimits.messageBytes
        let fits = try client.call(
            "SendMessage", ["QueueUrl": url, "MessageBody": .string(String(repeating: "x", count: limit))])
        #expect(fits.status == 200)
        let tooLong = try client.call(
            "SendMessage", ["QueueUrl": url, "MessageBody": .string(String(repeating: "x", count: limit + 1))])
        #expect(tooLong.errorCode == "InvalidParameterValueException")
        #expect(tooLong.message?.contains("1048576") == true)
    }

    @Test func `characters outside XML are refused`() throws {
        let answer = try client.call("SendMessage", ["QueueUrl": url, "MessageBody": "a\u{1}b"])
        #expect(answer.errorCode == "InvalidMessageContents")
    }

    @Test func `a FIFO queue wants a group and a deduplication id`() throws {
        let noGroup = try client.call("SendMessage", ["QueueUrl": fifoURL, "MessageBody": "m"])
        #expect(noGroup.errorCode == "MissingRequiredParameterException")
        #expect(noGroup.message?.contains("MessageGroupId") == true)
        let noID = try client.call(
            "SendMessage", ["QueueUrl": fifoURL, "MessageBody": "m", "MessageGroupId": "g"])
        #expect(noID.errorCode == "InvalidParameterValueException")
        let delayed = try client.call(
            "SendMessage",
            [
                "QueueUrl": fifoURL, "MessageBody": "m", "MessageGroupId": "g", "MessageDeduplicationId": "d",
                "DelaySeconds": 5,
            ])
        #expect(delayed.message?.contains("DelaySeconds") == true)
    }

    @Test func `a batch reports its failed entries beside the others`() throws {
        let answer = try client.call(
            "SendMessageBatch",
            [
                "QueueUrl": fifoURL,
                "Entries": [
                    ["Id": "good", "MessageBody": "m", "MessageGroupId": "g", "MessageDeduplicationId": "1"],
                    ["Id": "bad", "MessageBody": "m", "MessageDeduplicationId": "2"],
                ],
            ])
        #expect(answer.status == 200)
        #expect(answer["Successful"]?.arrayValue?.compactMap { $0["Id"] } == ["good"])
        #expect(answer["Failed"]?[0]?["Id"] == "bad")
        #expect(answer["Failed"]?[0]?["Code"] == "MissingParameter")
        #expect(answer["Failed"]?[0]?["SenderFault"] == true)
    }

    @Test func `a batch as a whole is refused when it is empty, too long, or repeats an id`() throws {
        func send(_ entries: [JSONValue]) throws -> String? {
            try client.call("SendMessageBatch", ["QueueUrl": url, "Entries": .array(entries)])
                .headers["x-amzn-query-error"]
        }
        let entry: JSONValue = ["Id": "a", "MessageBody": "m"]
        #expect(try send([]) == "AWS.SimpleQueueService.EmptyBatchRequest;Sender")
        #expect(try send([entry, entry]) == "AWS.SimpleQueueService.BatchEntryIdsNotDistinct;Sender")
        let many = (0..<11).map { ["Id": .string("m\($0)"), "MessageBody": "m"] as JSONValue }
        #expect(try send(many) == "AWS.SimpleQueueService.TooManyEntriesInBatchRequest;Sender")
        let half: JSONValue = .string(String(repeating: "x", count: 600_000))
        let long: [JSONValue] = [["Id": "a", "MessageBody": half], ["Id": "b", "MessageBody": half]]
        #expect(try send(long) == "AWS.SimpleQueueService.BatchRequestTooLong;Sender")
        #expect(service.depth(queue: "plain").visible == 0)
    }

    @Test(arguments: [
        ("VisibilityTimeout", "43201"), ("VisibilityTimeout", "x"), ("MaximumMessageSize", "1"),
        ("MessageRetentionPeriod", "59"), ("ReceiveMessageWaitTimeSeconds", "21"), ("DelaySeconds", "-1"),
        ("RedrivePolicy", "no json"), ("RedrivePolicy", "{\"maxReceiveCount\":3}"), ("Nonsense", "1"),
        ("ContentBasedDeduplication", "true"),
    ])
    func `an attribute that cannot be set is named`(name: String, value: String) throws {
        let answer = try client.call(
            "SetQueueAttributes", ["QueueUrl": url, "Attributes": [name: .string(value)]])
        #expect(answer.status == 400)
        #expect(answer.message?.contains(name) == true)
    }

    @Test func `a dead-letter queue must exist and be of the same kind`() throws {
        func set(_ arn: String) throws -> String? {
            let policy = "{\"deadLetterTargetArn\":\"\(arn)\",\"maxReceiveCount\":\"3\"}"
            return try client.call(
                "SetQueueAttributes", ["QueueUrl": url, "Attributes": ["RedrivePolicy": .string(policy)]]
            ).message
        }
        #expect(try set("arn:aws:sqs:eu-central-1:123456789012:none")?.contains("does not exist") == true)
        #expect(try set(service.arn(ofQueue: "jobs.fifo"))?.contains("same type") == true)
    }

    @Test func `creating a queue again is allowed only with the same attributes`() throws {
        let same = try client.call("CreateQueue", ["QueueName": "plain"])
        #expect(same["QueueUrl"] == "http://127.0.0.1:9/123456789012/plain")
        let other = try client.call(
            "CreateQueue", ["QueueName": "plain", "Attributes": ["VisibilityTimeout": "77"]])
        #expect(other.errorCode == "QueueNameExists")
        #expect(other.message?.contains("VisibilityTimeout") == true)
    }

    @Test(arguments: ["", "has space", "jobs", "a.b.fifo", String(repeating: "x", count: 76) + ".fifo"])
    func `a FIFO queue needs a proper name`(name: String) throws {
        let answer = try client.call("CreateQueue", ["QueueName": .string(name), "Attributes": ["FifoQueue": "true"]])
        #expect(answer.status == 400)
    }

    @Test func `a handle that is none is refused`() throws {
        let answer = try client.call("DeleteMessage", ["QueueUrl": url, "ReceiptHandle": "nonsense"])
        #expect(answer.errorCode == "ReceiptHandleIsInvalid")
    }

    @Test func `hiding a message that is not in flight is refused`() throws {
        try service.send(queue: "plain", body: "m")
        let handle = try #require(service.receive(queue: "plain", maximumMessages: 1).first?.receiptHandle)
        service.delete(queue: "plain", receiptHandle: handle)
        let answer = try client.call(
            "ChangeMessageVisibility", ["QueueUrl": url, "ReceiptHandle": .string(handle), "VisibilityTimeout": 5])
        #expect(answer.errorCode == "MessageNotInflight")
    }

    @Test func `attributes are given on request only`() throws {
        try service.send(queue: "plain", body: "m")
        let all = try client.call("GetQueueAttributes", ["QueueUrl": url, "AttributeNames": ["All"]])
        #expect(all["Attributes"]?["ApproximateNumberOfMessages"] == "1")
        #expect(all["Attributes"]?["QueueArn"] == "arn:aws:sqs:eu-central-1:123456789012:plain")
        #expect(try client.call("GetQueueAttributes", ["QueueUrl": url]).body == [:])
        let unknown = try client.call("GetQueueAttributes", ["QueueUrl": url, "AttributeNames": ["Nope"]])
        #expect(unknown.errorCode == "InvalidAttributeName")
    }
}
