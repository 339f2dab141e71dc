import Foundation
import Testing

@testable import AWSClient

@Suite("Conditional writes and lost answers")
struct AmbiguousConditionTests {
    private static let conditionFailed = ScriptedTransport.Step.json(
        #"""
        {"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
         "message":"The conditional request failed","Item":{"id":{"S":"1"},"owner":{"S":"me"}}}
        """#, status: 400)
    private static let condition = ConditionExpression("attribute_not_exists(id)")

    private func put(_ steps: [ScriptedTransport.Step]) async throws -> AWSServiceFailure {
        let aws = try ScriptedAWS(steps)
        let error = await #expect(throws: AWSError.self) {
            try await DynamoDBClient(aws.client).putItem(
                table: "t", item: ["id": "1"], condition: Self.condition)
        }
        return try #require(error?.conditionFailure)
    }

    @Test("a condition that failed at the first attempt is certain")
    func certain() async throws {
        let failure = try await put([Self.conditionFailed])
        #expect(!failure.followsAmbiguousAttempt)
        #expect(failure.item == ["id": "1", "owner": "me"])
    }

    @Test(
        "a condition that failed after an attempt without answer is marked, with the stored item to compare",
        arguments: [
            ScriptedTransport.Step.fail(.timedOut("slow")), .fail(.connectionLost("reset")),
            .error("InternalServerError", status: 500),
        ])
    func ambiguous(first: ScriptedTransport.Step) async throws {
        let failure = try await put([first, Self.conditionFailed])
        #expect(failure.followsAmbiguousAttempt)
        #expect(failure.item == ["id": "1", "owner": "me"])
    }

    @Test("the mark outlasts a later refusal")
    func markIsKept() async throws {
        let failure = try await put([.fail(.timedOut("slow")), .error("ThrottlingException"), Self.conditionFailed])
        #expect(failure.followsAmbiguousAttempt)
    }

    @Test("an attempt that certainly did nothing leaves no mark")
    func refusedFirst() async throws {
        let failure = try await put([.fail(.notSent("refused")), .error("ThrottlingException"), Self.conditionFailed])
        #expect(!failure.followsAmbiguousAttempt)
    }

    @Test("every attempt of a transaction carries the same token, every transaction another")
    func transactionToken() async throws {
        let aws = try ScriptedAWS([.fail(.timedOut("slow")), .json("{}"), .json("{}")])
        let client = DynamoDBClient(aws.client)
        let put = TransactPut(table: "t", item: ["id": "1"], condition: Self.condition)
        try await client.transactPut([put])
        try await client.transactPut([put])
        let tokens = try (0..<3).map { try #require(aws.jsonBody($0)["ClientRequestToken"] as? String) }
        #expect(tokens[0] == tokens[1])
        #expect(tokens[1] != tokens[2])
        #expect((1...36).contains(tokens[0].count))
    }
}
