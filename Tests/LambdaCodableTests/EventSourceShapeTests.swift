import LambdaCodable
import LambdaEvents
import Testing
import Wire

@Suite("EventBridge, SNS, S3 and destinations") struct EventSourceShapeTests {
    @Test("a schedule's event, with a detail of its own type")
    func schedule() throws {
        struct Detail: Codable, Sendable, Equatable {
            var date: String?
        }
        let event: EventBridgeEvent<Detail> = try Fixture.event("documented/eventbridge.scheduled-event")
        #expect(event.detailType == "Scheduled Event" && event.detail == Detail() && event.replayName == nil)
    }

    @Test("a detail that is not of its type is refused, naming the place and never the value")
    func refusal() {
        struct Detail: Codable, Sendable, Equatable {
            var sequence: String
        }
        let error = #expect(throws: LambdaEventError.self) {
            let _: EventBridgeEvent<Detail> = try Fixture.event("documented/eventbridge.replayed-event")
        }
        #expect(error?.detail == "detail.sequence is not of type String")
        #expect(throws: LambdaEventError.self) { try S3Event(lambdaPayload: Bytes(utf8: "{")) }
        #expect(throws: LambdaEventError.self) { try SNSEvent(lambdaPayload: Bytes()) }
    }

    @Test("an SNS message, with a binary attribute")
    func sns() throws {
        let event: SNSEvent = try Fixture.event("documented/sns.without-subject")
        let message = try #require(event.records.first?.sns)
        #expect(message.subject == nil && message.message == "Hello from SNS!")
        #expect(message.messageAttributes?["TestBinary"]?.bytes == Bytes(utf8: "TestBinary"))
        #expect(message.messageAttributes?["Test"]?.bytes == Bytes(utf8: "TestString"))
        let made = SNSNotification(
            messageID: "m", topicARN: "arn", message: "x", timestamp: "2026-01-01T00:00:00.000Z",
            signingCertURL: "https://a", unsubscribeURL: "https://b")
        let names = try JSONTree(lambdaPayload: made.lambdaPayload()).objectValue?.keys
        #expect(names?.contains("SigningCertUrl") == true && names?.contains("UnsubscribeUrl") == true)
    }

    @Test("an S3 key is decoded")
    func s3() throws {
        let event: S3Event = try Fixture.event("documented/s3.restore-completed")
        let record = try #require(event.records.first)
        #expect(record.s3.object.key == "caf%C3%A9/red+flower%2B.jpg")
        #expect(record.s3.object.decodedKey == "café/red flower+.jpg")
        #expect(record.s3.object.size == 5_368_709_120)
        #expect(record.glacierEventData?["restoreEventData"]?["lifecycleRestoreStorageClass"] == "GLACIER")
        let deleted: S3Event = try Fixture.event("sam/s3.delete")
        #expect(deleted.records.first?.s3.object.size == nil)
    }

    @Test("an asynchronous invocation's record holds the event that failed")
    func asynchronous() throws {
        struct Order: Decodable {
            let identifiers: [String]

            enum CodingKeys: String, CodingKey {
                case identifiers = "ORDER_IDS"
            }
        }
        let event: AsynchronousInvocationEvent = try Fixture.event("documented/asynchronous.event-bus")
        #expect(event.source == "lambda" && event.detail.requestContext.condition == .retriesExhausted)
        #expect(try event.detail.requestPayload.decoded(as: Order.self).identifiers.count == 1)
        let success: AsynchronousInvocationRecord = try Fixture.event("documented/asynchronous.success")
        #expect(success.responseContext?.functionError == nil)
        #expect(success.responsePayload == .some(.null), "the function returned null")
    }

    @Test("a stream's failure record says where the records are, of either kind of stream")
    func streamFailure() throws {
        let kinesis: StreamFailureRecord = try Fixture.event("documented/stream-failure.kinesis")
        #expect(kinesis.batchInfo?.batchSize == 500 && kinesis.requestContext.condition == .retryAttemptsExhausted)
        let table: StreamFailureRecord = try Fixture.event("documented/stream-failure.dynamodb")
        #expect(table.batchInfo?.batchSize == 1 && table.kinesisBatchInfo == nil)
        let aged: StreamFailureRecord = try Fixture.event("documented/stream-failure.too-old")
        #expect(aged.responseContext == nil && aged.requestContext.condition == .recordAgeExceeded)
    }

    @Test("how an invocation ended is one type; only a stream's report says that there was no function error")
    func responseContext() throws {
        let end = DestinationResponseContext(statusCode: 200)
        let context = DestinationRequestContext(
            requestID: "r", functionARN: "arn", condition: .success, approximateInvokeCount: 1)
        let invocation = AsynchronousInvocationRecord(
            timestamp: "t", requestContext: context, requestPayload: 1, responseContext: end, responsePayload: nil)
        let report = StreamFailureRecord(
            timestamp: "t", requestContext: context, responseContext: end,
            kinesisBatchInfo: .init(
                shardID: "s", startSequenceNumber: "1", endSequenceNumber: "2", approximateArrivalOfFirstRecord: "t",
                approximateArrivalOfLastRecord: "t", batchSize: 2, streamARN: "arn"))
        func error(_ document: Bytes) throws -> JSONTree? {
            try JSONTree(lambdaPayload: document)["responseContext"]?["functionError"]
        }
        #expect(try error(invocation.lambdaPayload()) == nil)
        #expect(try error(report.lambdaPayload()) == .some(.null))
        #expect(try StreamFailureRecord(lambdaPayload: report.lambdaPayload()) == report)
    }

    @Test("a window's state is any type's, from one invocation to the next")
    func windowState() throws {
        struct Totals: Codable, LambdaDecodable, LambdaEncodable, Equatable {
            var counts: [String: Int]
        }
        let response = BatchResponse(state: try Totals(counts: ["a": 1]).lambdaPayload())
        let state = try #require(try BatchResponse(lambdaPayload: response.lambdaPayload()).state)
        #expect(try Totals(lambdaPayload: state) == Totals(counts: ["a": 1]))
        let event: KinesisEvent = try Fixture.event("documented/kinesis.tumbling-window")
        #expect(try JSONTree(lambdaPayload: #require(event.window).state) == ["1": 282, "2": 715])
    }

    @Test("a condition that AWS adds later is kept as it is")
    func newCondition() throws {
        let context = DestinationRequestContext(
            requestID: "r", functionARN: "arn", condition: DestinationCondition(rawValue: "Later"),
            approximateInvokeCount: 1)
        let record = AsynchronousInvocationRecord(
            timestamp: "t", requestContext: context, requestPayload: .null, responseContext: nil, responsePayload: nil)
        let document = try record.lambdaPayload()
        #expect(try JSONTree(lambdaPayload: document)["requestContext"]?["condition"] == "Later")
        #expect(try AsynchronousInvocationRecord(lambdaPayload: document) == record)
    }
}
