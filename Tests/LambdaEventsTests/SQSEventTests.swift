import LambdaEvents
import Testing
import Wire

@Suite("SQS events") struct SQSEventTests {
    /// The event of AWS's documentation (with-sqs.html), FIFO attributes and sender's attributes added.
    private static let sample = """
        {"Records":[{"messageId":"059f36b4-87a3-44ab-83d2-661975830a7d","receiptHandle":"AQEBwJnKyrHigUMZj6rYigCgxlaS",\
        "body":"Test message.","attributes":{"ApproximateFirstReceiveTimestamp":"1545082649185",\
        "ApproximateReceiveCount":"2","MessageDeduplicationId":"job_1","MessageGroupId":"ch_1",\
        "SenderId":"AIDAIENQZJOLO23YVJ4VO","SentTimestamp":"1545082649183"},"messageAttributes":{"kind":{"stringValue":\
        "7","stringListValues":[],"binaryListValues":[],"dataType":"Number.int"},"raw":{"binaryValue":"AAEC",\
        "stringListValues":[],"binaryListValues":[],"dataType":"Binary"}},"md5OfMessageAttributes":"00484c68",\
        "md5OfBody":"e4e68fb7bd0e697a0ae8f1bb342846b3","eventSource":"aws:sqs","eventSourceARN":\
        "arn:aws:sqs:us-east-2:123456789012:my-queue","awsRegion":"us-east-2"}]}
        """

    @Test("AWS's own event: every field, and the same bytes again")
    func sample() throws {
        let event = try SQSEvent(lambdaPayload: Bytes(utf8: Self.sample))
        let record = try #require(event.records.first)
        #expect(record.messageID == "059f36b4-87a3-44ab-83d2-661975830a7d")
        #expect(record.messageIDBytes == Bytes(utf8: record.messageID))
        #expect(record.body == "Test message." && record.bodyBytes == Bytes(utf8: "Test message."))
        #expect(record.messageGroupID == "ch_1" && record.approximateReceiveCount == 2)
        #expect(record.attributes.count == 6 && record.attributes["SentTimestamp"] == "1545082649183")
        #expect(record.messageAttributes["kind"] == .init(dataType: "Number.int", stringValue: "7"))
        #expect(record.messageAttributes["raw"] == .init(dataType: "Binary", binaryValue: "AAEC"))
        #expect(record.md5OfMessageAttributes == "00484c68")
        #expect(
            record.eventSourceARN == "arn:aws:sqs:us-east-2:123456789012:my-queue" && record.awsRegion == "us-east-2")
        #expect(String(decoding: event.lambdaPayload(), as: UTF8.self) == Self.sample)
    }

    @Test("a message made of its parts equals the same one decoded")
    func parts() throws {
        let record = SQSEvent.Record(
            messageID: "059f36b4-87a3-44ab-83d2-661975830a7d", receiptHandle: "AQEBwJnKyrHigUMZj6rYigCgxlaS",
            body: "Test message.",
            attributes: [
                "ApproximateFirstReceiveTimestamp": "1545082649185", "ApproximateReceiveCount": "2",
                "MessageDeduplicationId": "job_1", "MessageGroupId": "ch_1", "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                "SentTimestamp": "1545082649183",
            ],
            messageAttributes: [
                "kind": .init(dataType: "Number.int", stringValue: "7"),
                "raw": .init(dataType: "Binary", binaryValue: "AAEC"),
            ], md5OfMessageAttributes: "00484c68", md5OfBody: "e4e68fb7bd0e697a0ae8f1bb342846b3",
            eventSourceARN: "arn:aws:sqs:us-east-2:123456789012:my-queue", awsRegion: "us-east-2")
        #expect(try SQSEvent(lambdaPayload: Bytes(utf8: Self.sample)) == SQSEvent(records: [record]))
        #expect(record.approximateReceiveCount == 2 && record.messageGroupID == "ch_1")
    }

    @Test("any text survives encoding and decoding")
    func anyText() throws {
        let text = "\"quoted\" \\ back\nline \u{1}\u{7F} é 😀 \u{10FFFF}"
        let record = SQSEvent.Record(
            messageID: text, receiptHandle: "", body: text, attributes: [text: text, "MessageGroupId": text],
            messageAttributes: [text: .init(dataType: text, stringValue: text)], md5OfBody: "", eventSourceARN: text,
            awsRegion: "")
        let event = SQSEvent(records: [record, record])
        let decoded = try SQSEvent(lambdaPayload: event.lambdaPayload())
        #expect(decoded == event)
        #expect(decoded.records[1].body == text && decoded.records[1].messageGroupID == text)
        #expect(decoded.records[1].bodyBytes == Bytes(utf8: text))
        #expect(decoded.records[1].messageAttributes[text]?.dataType == text)
    }

    @Test("records differ when one field does")
    func inequality() throws {
        let original = try SQSEvent(lambdaPayload: Bytes(utf8: Self.sample))
        for (old, new) in [
            ("059f36b4-", "159f36b4-"), ("AQEBwJ", "AQEBwK"), ("Test message.", "Test."), ("job_1", "job_2"),
            ("Number.int", "Number"), ("AAEC", "AAED"), ("\"binaryListValues\":[],", ""), ("00484c68", "00484c69"),
            ("e4e68", "e4e69"), ("aws:sqs\"", "aws:sqx\""), ("my-queue", "my-other"),
            ("\"us-east-2\"", "\"us-east-1\""),
        ] {
            let changed = Self.sample.replacing(old, with: new)
            #expect(changed != Self.sample)
            #expect(try SQSEvent(lambdaPayload: Bytes(utf8: changed)) != original)
        }
    }

    @Test("without attributes there is no group, and the message counts as received once")
    func defaults() throws {
        let record = SQSEvent.Record(
            messageID: "m", receiptHandle: "r", body: "", md5OfBody: "", eventSourceARN: "arn", awsRegion: "eu")
        #expect(record.messageGroupID == nil && record.approximateReceiveCount == 1)
        #expect(record.md5OfMessageAttributes == nil && record.attributes.isEmpty && record.messageAttributes.isEmpty)
        let strange = Self.sample.replacing(
            "\"ApproximateReceiveCount\":\"2\"", with: "\"ApproximateReceiveCount\":\"x\"")
        let event = try SQSEvent(lambdaPayload: Bytes(utf8: strange))
        #expect(event.records.first?.approximateReceiveCount == 1)
    }

    @Test("a message needs no more than its identity and its body; null is as good as missing")
    func tolerance() throws {
        let names = [
            "receiptHandle", "attributes", "messageAttributes", "md5OfMessageAttributes", "md5OfBody", "eventSource",
            "eventSourceARN", "awsRegion",
        ]
        let nulls = names.map { ",\"\($0)\":null" }.joined()
        for rest in ["", nulls, #","attributes":{"MessageGroupId":null},"messageAttributes":{"k":null}"#] {
            let payload = "{\"Records\":[{\"messageId\":\"m\",\"body\":\"b\"\(rest)}]}"
            let event = try SQSEvent(lambdaPayload: Bytes(utf8: payload))
            let expected = SQSEvent.Record(
                messageID: "m", receiptHandle: "", body: "b", md5OfBody: "", eventSource: "", eventSourceARN: "",
                awsRegion: "")
            #expect(event.records == [expected])
            #expect(event.records[0].messageGroupID == nil && event.records[0].approximateReceiveCount == 1)
            #expect(try SQSEvent(lambdaPayload: event.lambdaPayload()) == event)
        }
        let attribute = #"{"Records":[{"messageId":"","body":"","messageAttributes":{"k":{"stringValue":"v"}}}]}"#
        let record = try SQSEvent(lambdaPayload: Bytes(utf8: attribute)).records[0]
        #expect(record.messageAttributes["k"]?.stringValue == "v" && record.messageAttributes["k"]?.dataType == "")
    }

    @Test("an empty batch, and records that outlive their event")
    func lifetime() throws {
        #expect(try SQSEvent(lambdaPayload: Bytes(utf8: #"{"Records":[]}"#)).records.isEmpty)
        let record = try SQSEvent(lambdaPayload: Bytes(utf8: Self.sample)).records[0]
        #expect(record.body == "Test message.")
    }

    @Test(
        "a payload of another shape is refused with its place and problem, never with its values",
        arguments: [
            ("{\"Records\":[{\"messageId\":424242}]}", "Records[0].messageId is not a string"),
            ("{\"Records\":[{\"messageId\":null}]}", "Records[0].messageId is null"),
            ("{\"Records\":[{}]}", "Records[0].messageId is missing"),
            ("{\"Records\":[7]}", "Records[0] is not an object"),
            ("{\"Records\":{}}", "Records is not an array"), ("{}", "Records is missing"),
            ("[]", "the document is not an object"),
            ("{\"Records\":[{\"attributes\":{\"secret\":1}}]}", "Records[0].attributes.* is not a string"),
            ("{\"Records\":[{\"attributes\":[]}]}", "Records[0].attributes is not an object"),
            ("{\"Records\":[{\"messageId\":\"\",\"body\":null}]}", "Records[0].body is null"),
            (
                "{\"Records\":[{\"messageAttributes\":{\"secret\":{\"dataType\":1}}}]}",
                "Records[0].messageAttributes.*.dataType is not a string"
            ),
            (
                "{\"Records\":[{\"messageAttributes\":{\"secret\":7}}]}",
                "Records[0].messageAttributes.* is not an object"
            ),
            ("{\"Records\":[{\"awsRegion\":1}]}", "Records[0].awsRegion is not a string"),
            ("{\"Records\":[{\"md5OfMessageAttributes\":1}]}", "Records[0].md5OfMessageAttributes is not a string"),
            ("{\"Records\":[{\"messageId\":\"secret", "not JSON: expected the end of the string at byte 32"),
            ("", "not JSON: expected a value at byte 0"),
        ])
    func refusal(payload: String, detail: String) {
        let expected = LambdaEventError(expected: "SQSEvent", detail: detail)
        #expect(throws: expected) { try SQSEvent(lambdaPayload: Bytes(utf8: payload)) }
    }

    @Test("the place counts records", arguments: [0, 1, 99])
    func place(index: Int) {
        let record = Self.sample.dropFirst(12).dropLast(2)
        let records = repeatElement(String(record), count: index) + ["{\"messageId\":\"\"}"]
        let payload = "{\"Records\":[\(records.joined(separator: ","))]}"
        let expected = LambdaEventError(expected: "SQSEvent", detail: "Records[\(index)].body is missing")
        #expect(throws: expected) { try SQSEvent(lambdaPayload: Bytes(utf8: payload)) }
    }
}
