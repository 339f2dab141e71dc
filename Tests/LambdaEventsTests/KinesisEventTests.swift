import LambdaEvents
import Testing
import Wire

@Suite("Kinesis events") struct KinesisEventTests {
    /// The event of AWS's documentation (with-kinesis.html).
    private static let sample = """
        {"Records":[{"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":"1","sequenceNumber":\
        "49590338271490256608559692538361571095921575989136588898","data":"SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==",\
        "approximateArrivalTimestamp":1545084650.987},"eventSource":"aws:kinesis","eventVersion":"1.0","eventID":\
        "shardId-000000000006:49590338271490256608559692538361571095921575989136588898","eventName":\
        "aws:kinesis:record","invokeIdentityArn":"arn:aws:iam::123456789012:role/lambda-role","awsRegion":"us-east-2",\
        "eventSourceARN":"arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream"}]}
        """

    private static let made = KinesisEvent.Record(
        kinesis: .init(
            partitionKey: "1", sequenceNumber: "49590338271490256608559692538361571095921575989136588898",
            data: Bytes(utf8: "Hello, this is a test."), approximateArrivalTimestamp: 1_545_084_650.987),
        eventID: "shardId-000000000006:49590338271490256608559692538361571095921575989136588898",
        eventSourceARN: "arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream", awsRegion: "us-east-2",
        invokeIdentityARN: "arn:aws:iam::123456789012:role/lambda-role")

    @Test("AWS's own event: every field, and the same bytes again")
    func sample() throws {
        let event = try KinesisEvent(lambdaPayload: Bytes(utf8: Self.sample))
        let record = try #require(event.records.first)
        #expect(record.data == Bytes(utf8: "Hello, this is a test."))
        #expect(record.sequenceNumber == "49590338271490256608559692538361571095921575989136588898")
        #expect(record.sequenceNumberBytes == Bytes(utf8: record.sequenceNumber))
        #expect(record.partitionKey == "1" && record.kinesis.approximateArrivalTimestamp == 1_545_084_650.987)
        #expect(record.kinesis.encryptionType == nil && record.kinesis.kinesisSchemaVersion == "1.0")
        #expect(record.eventVersion == "1.0" && record.invokeIdentityARN.hasSuffix("lambda-role"))
        #expect(try String(decoding: event.lambdaPayload(), as: UTF8.self) == Self.sample)
    }

    @Test("a record made of its parts equals the same one decoded")
    func parts() throws {
        #expect(try KinesisEvent(lambdaPayload: Bytes(utf8: Self.sample)) == KinesisEvent(records: [Self.made]))
    }

    @Test("records differ when one field does")
    func inequality() throws {
        let original = try KinesisEvent(lambdaPayload: Bytes(utf8: Self.sample))
        for (old, new) in [
            ("\"kinesisSchemaVersion\":\"1.0\"", "\"kinesisSchemaVersion\":\"1.1\""), ("Key\":\"1", "Key\":\"2"),
            ("number\":\"".replacing("n", with: "N"), "Number\":\"1"), ("SGVs", "SGVt"), ("650.987", "650.988"),
            ("650.987}", "650.987,\"encryptionType\":\"KMS\"}"), ("aws:kinesis\"", "aws:kinesix\""),
            ("eventVersion\":\"1.0", "eventVersion\":\"1.1"), ("shardId-000000000006", "shardId-000000000007"),
            ("aws:kinesis:record", "aws:kinesis:other"), ("lambda-role", "lambda-other"),
            ("\"us-east-2\"", "\"us-east-1\""), ("lambda-stream", "lambda-other"),
        ] {
            let changed = Self.sample.replacing(old, with: new)
            #expect(changed != Self.sample)
            #expect(try KinesisEvent(lambdaPayload: Bytes(utf8: changed)) != original, "\(old)")
        }
    }

    @Test("the data of many records of any size stays apart")
    func data() throws {
        let payloads = (0..<300).map { count in Bytes((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) })
        }
        let event = KinesisEvent(
            records: payloads.map { data in
                KinesisEvent.Record(
                    kinesis: .init(
                        partitionKey: "é\"\\", sequenceNumber: "1", data: data, approximateArrivalTimestamp: 0.5,
                        encryptionType: "NONE"),
                    eventID: "shard:1", eventSourceARN: "arn", awsRegion: "eu", invokeIdentityARN: "arn")
            })
        let decoded = try KinesisEvent(lambdaPayload: event.lambdaPayload())
        #expect(decoded == event)
        #expect(decoded.records.map(\.data) == payloads)
        #expect(decoded.records[5].kinesis.encryptionType == "NONE" && decoded.records[5].partitionKey == "é\"\\")
    }

    @Test("a record keeps its bytes when the event is gone")
    func lifetime() throws {
        let data = try KinesisEvent(lambdaPayload: Bytes(utf8: Self.sample)).records[0].data
        #expect(data == Bytes(utf8: "Hello, this is a test."))
        #expect(Self.made.kinesis.data == data)
    }

    @Test("a record needs no more than sequence number, partition key and data; null is as good as missing")
    func tolerance() throws {
        let outer = ["eventSource", "eventVersion", "eventID", "eventName", "invokeIdentityArn", "awsRegion"]
        let inner = ["kinesisSchemaVersion", "approximateArrivalTimestamp", "encryptionType"]
        func nulls(_ names: [String]) -> String { names.map { ",\"\($0)\":null" }.joined() }
        for (inner, outer) in [("", ""), (nulls(inner), nulls(outer + ["eventSourceARN"]))] {
            let payload = """
                {"Records":[{"kinesis":{"partitionKey":"p","sequenceNumber":"1","data":"AAEC"\(inner)}\(outer)}]}
                """
            let event = try KinesisEvent(lambdaPayload: Bytes(utf8: payload))
            let expected = KinesisEvent.Record(
                kinesis: .init(
                    partitionKey: "p", sequenceNumber: "1", data: [0, 1, 2], approximateArrivalTimestamp: 0,
                    kinesisSchemaVersion: ""),
                eventID: "", eventSourceARN: "", awsRegion: "", invokeIdentityARN: "", eventSource: "",
                eventVersion: "", eventName: "")
            #expect(event.records == [expected])
            #expect(try KinesisEvent(lambdaPayload: event.lambdaPayload()) == event)
        }
    }

    @Test("a time that JSON cannot express is refused, not written")
    func infiniteTime() {
        let payload = KinesisEvent.Payload(
            partitionKey: "1", sequenceNumber: "1", data: [], approximateArrivalTimestamp: .infinity)
        let record = KinesisEvent.Record(
            kinesis: payload, eventID: "1", eventSourceARN: "arn", awsRegion: "eu", invokeIdentityARN: "arn")
        let expected = LambdaEventError(
            expected: "KinesisEvent", detail: "Records[1].kinesis.approximateArrivalTimestamp is not finite")
        #expect(throws: expected) { try KinesisEvent(records: [Self.made, record]).lambdaPayload() }
    }

    @Test(
        "a payload of another shape is refused with its place and problem, never with its values",
        arguments: [
            ("\"data\":\"SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==\",", "", "Records[0].kinesis.data is missing"),
            ("SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==", "secret", "Records[0].kinesis.data is not base64"),
            ("1545084650.987", "\"1\"", "Records[0].kinesis.approximateArrivalTimestamp is not a number"),
            ("1545084650.987", "1e999", "Records[0].kinesis.approximateArrivalTimestamp is out of range"),
            ("\"partitionKey\":\"1\"", "\"partitionKey\":1", "Records[0].kinesis.partitionKey is not a string"),
            ("\"partitionKey\"", "\"other\"", "Records[0].kinesis.partitionKey is missing"),
            ("\"sequenceNumber\":", "\"sequenceNumber\":null,\"x\":", "Records[0].kinesis.sequenceNumber is null"),
            ("\"kinesis\":", "\"kinesis\":null,\"x\":", "Records[0].kinesis is null"),
            (
                "\"invokeIdentityArn\":", "\"invokeIdentityArn\":1,\"x\":",
                "Records[0].invokeIdentityArn is not a string"
            ),
            ("\"kinesis\":", "\"other\":", "Records[0].kinesis is missing"),
            ("\"Records\"", "\"records\"", "Records is missing"),
            ("]}", "]}]", "not JSON: expected the end of the document at byte 578"),
        ])
    func refusal(old: String, new: String, detail: String) {
        let payload = Self.sample.replacing(old, with: new)
        let expected = LambdaEventError(expected: "KinesisEvent", detail: detail)
        #expect(throws: expected) { try KinesisEvent(lambdaPayload: Bytes(utf8: payload)) }
    }
}
