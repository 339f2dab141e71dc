import Foundation
import Testing

@testable import AWSClient

@Suite("Lambda on the wire")
struct LambdaClientTests {
    private static let answer = ScriptedTransport.Step.json(#"{"decision":"approve"}"#)

    @Test("the function's name is one path segment, whatever it holds")
    func name() async throws {
        let aws = try ScriptedAWS([Self.answer])
        let result = try await LambdaClient(aws.client).invoke(
            function: "arn:aws:lambda:eu-central-1:1:function:risk", payload: Data("{}".utf8),
            timeoutMilliseconds: 700)
        #expect(result.status == 200)
        #expect(result.functionError == nil)
        #expect(result.payload == Data(#"{"decision":"approve"}"#.utf8))
        let request = try #require(aws.transport.requests.first)
        let path = "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-central-1%3A1%3Afunction%3Arisk/invocations"
        #expect(request.url == "https://lambda.eu-central-1.amazonaws.com\(path)")
        #expect(request.headers["X-Amz-Invocation-Type"] == "RequestResponse")
        #expect(request.timeoutMilliseconds == 700)
    }

    @Test("a function that failed is a result, not an error of the call")
    func functionError() async throws {
        let aws = try ScriptedAWS([
            .json(#"{"errorType":"Function.X"}"#, headers: ["X-Amz-Function-Error": "Unhandled"])
        ])
        let result = try await LambdaClient(aws.client).invoke(
            function: "risk", payload: Data(), timeoutMilliseconds: 100)
        #expect(result.functionError == "Unhandled")
    }

    @Test("an invocation whose outcome is unknown is repeated only when the caller says that it may be")
    func repeatability() async throws {
        let lost = ScriptedTransport.Step.fail(.connectionLost("reset"))
        let once = try ScriptedAWS([lost, Self.answer])
        await #expect(throws: AWSError.self) {
            try await LambdaClient(once.client).invoke(function: "f", payload: Data(), timeoutMilliseconds: 1_000)
        }
        #expect(once.transport.requests.count == 1)

        let repeatable = try ScriptedAWS([lost, Self.answer])
        _ = try await LambdaClient(repeatable.client).invoke(
            function: "f", payload: Data(), timeoutMilliseconds: 1_000, isRepeatable: true)
        #expect(repeatable.transport.requests.count == 2)
    }

    @Test("an invocation that certainly did not start is repeated, within the caller's time")
    func refusedInvocation() async throws {
        let policy = RetryPolicy(baseDelayMilliseconds: 300, maximumDelayMilliseconds: 300)
        let throttled = ScriptedTransport.Step.json(
            #"{"Type":"User","message":"Rate Exceeded"}"#, status: 429,
            headers: ["x-amzn-ErrorType": "TooManyRequestsException"])
        let aws = try ScriptedAWS([throttled, .fail(.notSent("refused")), Self.answer], policy: policy)
        _ = try await LambdaClient(aws.client).invoke(function: "f", payload: Data(), timeoutMilliseconds: 1_000)
        #expect(aws.transport.requests.map(\.timeoutMilliseconds) == [1_000, 700, 400])
    }
}
