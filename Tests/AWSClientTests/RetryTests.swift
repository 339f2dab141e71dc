import Foundation
import Testing

@testable import AWSClient

@Suite("Retries")
struct RetryTests {
    private static let key: [String: AttributeValue] = ["id": "1"]
    private static let found = ScriptedTransport.Step.json(#"{"Item":{"id":{"S":"1"}}}"#)

    @Test(
        "throttling, server faults and transport errors are tried again",
        arguments: [
            ScriptedTransport.Step.error("ProvisionedThroughputExceededException"),
            .error("ThrottlingException"), .error("TransactionConflictException"),
            .error("SomethingNew", status: 429), .error("InternalServerError", status: 500),
            .json("<html>Bad gateway</html>", status: 502), .error("ServiceUnavailable", status: 503),
            .fail(.notSent("refused")), .fail(.timedOut("slow")), .fail(.connectionLost("reset")),
        ])
    func transient(step: ScriptedTransport.Step) async throws {
        let aws = try ScriptedAWS([step, step, Self.found])
        let item = try await DynamoDBClient(aws.client).getItem(table: "t", key: Self.key)
        #expect(item == ["id": "1"])
        #expect(aws.transport.requests.count == 3)
    }

    @Test(
        "what cannot get better is not tried again",
        arguments: [
            ScriptedTransport.Step.error("ValidationException"), .error("ResourceNotFoundException"),
            .error("AccessDeniedException", status: 403), .error("NotImplemented", status: 501),
            .fail(.invalidRequest("bad")), .fail(.responseTooLarge(limitBytes: 1)), .json("not JSON"),
        ])
    func permanent(step: ScriptedTransport.Step) async throws {
        let aws = try ScriptedAWS([step, Self.found])
        await #expect(throws: AWSError.self) {
            try await DynamoDBClient(aws.client).getItem(table: "t", key: Self.key)
        }
        #expect(aws.transport.requests.count == 1)
    }

    @Test("D-28: attempts are bounded, pauses double up to their limit, and the last error is reported")
    func bounded() async throws {
        let policy = RetryPolicy(maximumAttempts: 6, baseDelayMilliseconds: 100, maximumDelayMilliseconds: 500)
        let aws = try ScriptedAWS(Array(repeating: .error("ThrottlingException"), count: 10), policy: policy)
        let error = await #expect(throws: AWSError.self) {
            try await DynamoDBClient(aws.client).getItem(table: "t", key: Self.key)
        }
        #expect(error?.code == "ThrottlingException")
        #expect(aws.transport.requests.count == 6)
        #expect(aws.clock.pauses == [100, 200, 400, 500, 500])
    }

    @Test("pauses are drawn from zero up to their limit")
    func fullJitter() async throws {
        let aws = try ScriptedAWS([.error("ThrottlingException"), Self.found], jitter: 0)
        _ = try await DynamoDBClient(aws.client).getItem(table: "t", key: Self.key)
        #expect(aws.clock.pauses == [0])
    }

    @Test("D-28: no attempt begins after the time of the call, and the last one gets only what is left")
    func timeLimit() async throws {
        let policy = RetryPolicy(
            maximumAttempts: 10, baseDelayMilliseconds: 400, maximumDelayMilliseconds: 400,
            attemptTimeoutMilliseconds: 900, totalTimeoutMilliseconds: 1_000)
        let aws = try ScriptedAWS(Array(repeating: .error("ThrottlingException"), count: 10), policy: policy)
        await #expect(throws: AWSError.self) {
            try await DynamoDBClient(aws.client).getItem(table: "t", key: Self.key)
        }
        #expect(aws.transport.requests.map(\.timeoutMilliseconds) == [900, 600, 200])
    }

    @Test("a huge number of retries does not overflow the pause")
    func noOverflow() {
        let policy = RetryPolicy(baseDelayMilliseconds: .max / 2, maximumDelayMilliseconds: 7)
        #expect(policy.maximumDelayMilliseconds(beforeRetry: 1_000) == 7)
        #expect(RetryPolicy(maximumAttempts: -1).maximumAttempts == 1)
    }

    @Test("a cancelled task does not try again")
    func cancelled() async throws {
        let aws = try ScriptedAWS([.error("ThrottlingException"), Self.found])
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await DynamoDBClient(aws.client).getItem(table: "t", key: Self.key)
        }
        let result = await task.result
        #expect(throws: AWSError.self) { try result.get() }
        #expect(aws.transport.requests.count == 1)
    }
}
