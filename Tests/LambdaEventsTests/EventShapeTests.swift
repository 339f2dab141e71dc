import Foundation
import LambdaEvents
import Testing

@Suite("Event shapes") struct EventShapeTests {
    /// Decodes, encodes and decodes again: nothing known is lost.
    private func roundTrip<Event: LambdaDecodable & LambdaEncodable & Equatable>(_ type: Event.Type, _ json: String)
        throws -> Event
    {
        let event = try Event(lambdaPayload: Data(json.utf8))
        #expect(try Event(lambdaPayload: event.lambdaPayload()) == event)
        return event
    }

    @Test("SQS: FIFO attributes, custom attribute types and unknown fields")
    func sqs() throws {
        let event = try roundTrip(
            SQSEvent.self,
            """
            {"Records":[{"messageId":"059f36b4","receiptHandle":"AQEB","body":"Test message.","attributes":
            {"ApproximateReceiveCount":"2","SentTimestamp":"1545082649183","MessageGroupId":"ch_1",
            "SequenceNumber":"18849496460467696128","MessageDeduplicationId":"job_1"},"messageAttributes":
            {"kind":{"stringValue":"7","stringListValues":[],"binaryListValues":[],"dataType":"Number.int"}},
            "md5OfBody":"e4e68fb7bd0e697a0ae8f1bb342846b3","eventSource":"aws:sqs","somethingNew":{"a":[1]},
            "eventSourceARN":"arn:aws:sqs:us-east-2:123456789012:my-queue","awsRegion":"us-east-2"}]}
            """)
        let record = try #require(event.records.first)
        #expect(record.messageGroupID == "ch_1")
        #expect(record.approximateReceiveCount == 2)
        #expect(record.messageAttributes["kind"]?.dataType == "Number.int")
    }

    @Test("Kinesis: data is decoded from base64")
    func kinesis() throws {
        let event = try roundTrip(
            KinesisEvent.self,
            """
            {"Records":[{"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":"1","sequenceNumber":
            "49590338271490256608559692538361571095921575989136588898","data":"SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==",
            "approximateArrivalTimestamp":1545084650.987},"eventSource":"aws:kinesis","eventVersion":"1.0","eventID":
            "shardId-000000000006:49590338271490256608559692538361571095921575989136588898","eventName":
            "aws:kinesis:record","invokeIdentityArn":"arn:aws:iam::123456789012:role/lambda-role","awsRegion":
            "us-east-2","eventSourceARN":"arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream"}]}
            """)
        #expect(event.records.first.map { String(decoding: $0.data, as: UTF8.self) } == "Hello, this is a test.")
    }

    @Test("EventBridge: a schedule's event")
    func eventBridge() throws {
        let event = try roundTrip(
            EventBridgeEvent<[String: String]>.self,
            """
            {"version":"0","id":"53dc4d37","detail-type":"Scheduled Event","source":"aws.events","account":
            "123456789012","time":"2026-10-08T16:53:00Z","region":"us-east-1","resources":
            ["arn:aws:events:us-east-1:123456789012:rule/my-rule"],"detail":{}}
            """)
        #expect(event.detailType == "Scheduled Event")
    }

    @Test("ALB: query values are decoded here, because ALB does not")
    func albQuery() throws {
        let event = try roundTrip(
            ALBRequest.self,
            """
            {"requestContext":{"elb":{"targetGroupArn":"arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/t/6"}},
            "httpMethod":"GET","path":"/v1/charges","queryStringParameters":{"email":"a%2Bb%40example.com","q":"x+y"},
            "headers":{"Accept":"*/*","x-amzn-trace-id":"Root=1-2"},"body":"","isBase64Encoded":false}
            """)
        #expect(event.queryParameters == ["email": "a+b@example.com", "q": "x y"])
        #expect(event.header("ACCEPT") == "*/*")
    }

    @Test("ALB: multi-value mode, last value wins")
    func albMultiValue() throws {
        let event = try roundTrip(
            ALBRequest.self,
            """
            {"requestContext":{"elb":{"targetGroupArn":"arn"}},"httpMethod":"GET","path":"/",
            "multiValueQueryStringParameters":{"k":["1","2"]},"multiValueHeaders":{"accept":["a","b"]},"body":"",
            "isBase64Encoded":false}
            """)
        #expect(event.queryParameters == ["k": "2"])
        #expect(event.header("Accept") == "b")
    }

    @Test(
        "D-05: the body's bytes come out exactly as they went in",
        arguments: [
            Data("é\r\n\n".utf8), Data([0xFF, 0xFE, 0x00]), Data(),
        ])
    func albBody(bytes: Data) throws {
        let request = ALBRequest(
            targetGroupARN: "arn", httpMethod: "POST", path: "/", body: bytes.base64EncodedString(),
            isBase64Encoded: true)
        #expect(try ALBRequest(lambdaPayload: request.lambdaPayload()).bodyBytes == bytes)
        let response = ALBResponse(statusCode: 200, body: bytes)
        let text = response.body ?? ""
        #expect((response.isBase64Encoded ? Data(base64Encoded: text) : Data(text.utf8)) == bytes)
    }

    @Test("a payload of another shape is refused, naming the place and never the value")
    func refusal() {
        let payload = Data("{\"Records\":[{\"messageId\":4242424242424242}]}".utf8)
        let error = #expect(throws: LambdaEventError.self) { try SQSEvent(lambdaPayload: payload) }
        #expect(error?.detail.contains("Records[0]") == true)
        #expect(error?.description.contains("4242") == false)
        #expect(throws: LambdaEventError.self) { try KinesisEvent(lambdaPayload: Data("{".utf8)) }
    }

    @Test("a batch response names its failures")
    func batchResponse() throws {
        let payload = try BatchResponse(failedIdentifiers: ["a"]).lambdaPayload()
        #expect(String(decoding: payload, as: UTF8.self) == #"{"batchItemFailures":[{"itemIdentifier":"a"}]}"#)
    }
}
