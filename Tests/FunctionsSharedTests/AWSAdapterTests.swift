import AWSClient
import Cryptography
import Domain
import FoundationEssentials
import FunctionsTestSupport
import HTTPClient
import Testing

@testable import FunctionsShared

/// What the adapters send to AWS and how they read its answers; the services are scripts.
@Suite("AWS adapters")
struct AWSAdapterTests {
    private let job = PaymentJob(
        id: JobID(rawValue: "job_1"), kind: .refund, chargeID: ChargeID(rawValue: "ch_1"),
        refundID: RefundID(rawValue: "re_1"), merchantID: Fixture.merchantID, traceID: "1-trace")

    private func body(_ transport: ScriptedTransport) throws -> JSON {
        try #require(transport.document(transport.requests.count - 1))
    }

    // MARK: - Jobs

    @Test("a job is one FIFO message: grouped by charge, deduplicated by its own id")
    func jobMessage() async throws {
        // MD5 of the body as SQS would answer it.
        let transport = ScriptedTransport([
            { request in
                let message = JSON(parsing: request.body ?? Data())?["MessageBody"]?.text ?? ""
                let answer: JSON = [
                    "MessageId": "m-1", "MD5OfMessageBody": .string(MD5.hexDigest(Array(message.utf8))),
                ]
                return .success(HTTPResponse(status: 200, body: answer.serialized()))
            }
        ])
        let queue = SQSJobQueue(client: SQSClient(try Fixture.awsClient(transport)), queueURL: "http://aws.test/1/q")
        try await queue.enqueue(job)
        let sent = try body(transport)
        #expect(sent["MessageGroupId"]?.text == "ch_1")
        #expect(sent["MessageDeduplicationId"]?.text == "job_1")
        let message = try #require(sent["MessageBody"]?.text)
        #expect(
            JSON(parsing: Data(message.utf8)) == [
                "job_id": "job_1", "job_type": "REFUND", "charge_id": "ch_1", "refund_id": "re_1",
                "merchant_id": "mer_1", "trace_id": "1-trace",
            ])
    }

    @Test("a job that SQS does not take is an error")
    func jobNotTaken() async throws {
        let transport = ScriptedTransport(
            status: 400, json: #"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no such queue"}"#)
        let queue = SQSJobQueue(client: SQSClient(try Fixture.awsClient(transport)), queueURL: "http://aws.test/1/q")
        await #expect(throws: JobQueueError.self) { try await queue.enqueue(job) }
    }

    // MARK: - API keys

    @Test("only the hash of an API key leaves the process")
    func apiKeyHash() async throws {
        let transport = ScriptedTransport(
            status: 200, json: #"{"Item":{"merchant_id":{"S":"mer_1"},"status":{"S":"active"}}}"#)
        let keys = DynamoDBAPIKeys(client: DynamoDBClient(try Fixture.awsClient(transport)), table: "api_keys")
        #expect(try await keys.merchant(forKey: "fk_test_secret") == Fixture.merchantID)
        #expect(try body(transport)["Key"]?["key_hash"]?["S"]?.text == SHA256.hexDigest(Array("fk_test_secret".utf8)))
        let sent = try #require(transport.requests.first)
        #expect(!String(decoding: sent.body ?? Data(), as: UTF8.self).contains("fk_test_secret"))
    }

    @Test("a key that is unknown or not active opens nothing")
    func inactiveKey() async throws {
        for answer in ["{}", #"{"Item":{"merchant_id":{"S":"mer_1"},"status":{"S":"revoked"}}}"#] {
            let transport = ScriptedTransport(status: 200, json: answer)
            let keys = DynamoDBAPIKeys(client: DynamoDBClient(try Fixture.awsClient(transport)), table: "api_keys")
            #expect(try await keys.merchant(forKey: "fk_test_1") == nil)
        }
    }

    // MARK: - Idempotency records

    private func records(_ transport: ScriptedTransport) throws -> DynamoDBIdempotencyRecords {
        DynamoDBIdempotencyRecords(client: DynamoDBClient(try Fixture.awsClient(transport)), table: "idempotency")
    }

    private let record = IdempotencyRecord(
        id: "mer_1#key", fingerprint: "f", allottedIDs: ["charge_id": "ch_1"], leaseOwner: "lease_1",
        leaseExpiresAtMilliseconds: 1000)

    private func conditionFailed(owner: String, response: String? = nil) -> ScriptedTransport.Answer {
        let answer = response.map { #","response":{"B":"\#($0)"},"expires_at":{"N":"99"}"# } ?? ""
        return ScriptedTransport.json(
            400,
            #"{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"no","Item":"#
                + #"{"id":{"S":"mer_1#key"},"fingerprint":{"S":"f"},"allotted_ids":{"M":{"charge_id":{"S":"ch_9"}}},"#
                + #""lease_owner":{"S":"\#(owner)"},"lease_expires_at_ms":{"N":"5"}\#(answer)}}"#)
    }

    @Test("a record without an answer has no expiry, so TTL never frees its key (D-08)")
    func createRecord() async throws {
        let transport = ScriptedTransport(status: 200, json: "{}")
        #expect(try await records(transport).create(record, nowSeconds: 7) == record)
        let sent = try body(transport)
        #expect(sent["Item"]?["expires_at"] == nil)
        #expect(sent["ConditionExpression"]?.text == "attribute_not_exists(#id) OR #expires <= :now")
        #expect(sent["ExpressionAttributeValues"]?[":now"]?["N"]?.text == "7")
    }

    @Test("a record that stands is returned; our own, written by a first attempt whose answer was lost, too")
    func standingRecord() async throws {
        let standing = try await records(ScriptedTransport([conditionFailed(owner: "lease_other")]))
            .create(record, nowSeconds: 7)
        #expect(standing.leaseOwner == "lease_other")
        #expect(standing.allottedIDs == ["charge_id": "ch_9"])
        let mine = try await records(ScriptedTransport([conditionFailed(owner: "lease_1")]))
            .create(record, nowSeconds: 7)
        #expect(mine.leaseOwner == record.leaseOwner)
    }

    @Test("a lease is taken once; a repetition after a lost answer is recognised")
    func takeLease() async throws {
        func take(_ answer: @escaping ScriptedTransport.Answer) async throws -> Bool {
            try await records(ScriptedTransport([answer])).takeLease(
                id: "mer_1#key", from: "lease_0", to: "lease_1", expiresAtMilliseconds: 9)
        }
        #expect(try await take(ScriptedTransport.json(200, "{}")))
        #expect(try await take(conditionFailed(owner: "lease_1")))
        #expect(try await !take(conditionFailed(owner: "lease_2")))
    }

    @Test("the first answer stands, and everybody is given it")
    func finish() async throws {
        let answer = StoredResponse(status: 202, body: Data("first".utf8))
        let other = StoredResponse(status: 402, body: Data("second".utf8))
        func finish(_ reply: @escaping ScriptedTransport.Answer) async throws -> StoredResponse? {
            try await records(ScriptedTransport([reply])).finish(
                id: "mer_1#key", owner: "lease_1", response: other, expiresAtSeconds: 99)
        }
        #expect(try await finish(ScriptedTransport.json(200, "{}")) == other)
        let stored = try JSONEncoder().encode(answer).base64EncodedString()
        #expect(try await finish(conditionFailed(owner: "lease_1", response: stored)) == answer)
        #expect(try await finish(conditionFailed(owner: "lease_2")) == nil)
    }

    // MARK: - Risk

    @Test("an assessment comes back; a failed function or a strange answer is unavailability")
    func risk() async throws {
        let question = RiskRequest(
            chargeID: ChargeID(rawValue: "ch_1"), merchantID: Fixture.merchantID, amountMinor: 1,
            currency: try Currency("EUR"), paymentMethod: "pm_1")
        func assess(_ answer: @escaping ScriptedTransport.Answer) async throws -> RiskAssessment {
            try await LambdaRiskAssessor(
                client: LambdaClient(try Fixture.awsClient(ScriptedTransport([answer]))), function: "RiskEngine"
            ).assess(question)
        }
        let good = ScriptedTransport.json(
            200, #"{"decision":"review","score":40,"reasons":["r"],"engine":"evaluated"}"#)
        #expect(try await assess(good).decision == .review)
        let bad: [ScriptedTransport.Answer] = [
            ScriptedTransport.json(200, #"{"errorMessage":"x"}"#, ["X-Amz-Function-Error": "Unhandled"]),
            ScriptedTransport.json(200, "null"), ScriptedTransport.json(404, "{}"),
            ScriptedTransport.failure(.timedOut("2 s")),
        ]
        for answer in bad {
            await #expect(throws: RiskEngineUnavailable.self) { try await assess(answer) }
        }
    }

    // MARK: - Refund directory

    @Test("a refund leads to its charge for its own merchant only")
    func refundDirectory() async throws {
        let transport = ScriptedTransport(
            status: 200, json: #"{"Item":{"charge_id":{"S":"ch_1"},"merchant_id":{"S":"mer_1"}}}"#)
        let directory = DynamoDBRefundDirectory(
            client: DynamoDBClient(try Fixture.awsClient(transport)), table: "idempotency", clock: ManualClock())
        let refund = RefundID(rawValue: "re_1")
        #expect(try await directory.charge(of: refund, merchantID: Fixture.merchantID)?.rawValue == "ch_1")
        #expect(try await directory.charge(of: refund, merchantID: Fixture.otherMerchantID) == nil)
        #expect(try body(transport)["Key"]?["id"]?["S"]?.text == "refund#re_1")
    }
}
