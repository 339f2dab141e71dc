import Foundation
import LambdaCodable
import LambdaEvents
import Testing
import Wire

@Suite("Event shapes: decoded and encoded again, a document is what it was") struct RoundTripTests {
    static let fixtures = [
        Fixture("sam/alb.request", ALBRequest.self),
        Fixture("sam/apigateway.http-api-proxy", APIGatewayV2Request.self),
        Fixture("sam/cloudwatch.scheduled-event", EventBridgeEvent<JSONTree>.self),
        Fixture("sam/kinesis.get-records", KinesisEvent.self),
        Fixture("sam/rekognition.s3-request", S3Event.self),
        Fixture("sam/s3.delete", S3Event.self),
        Fixture("sam/s3.put", S3Event.self),
        Fixture("sam/sns.notification", SNSEvent.self),
        Fixture("sam/sqs.receive-message", SQSEvent.self),
        Fixture("documented/alb.health-check", ALBRequest.self),
        Fixture("documented/alb.multi-value-request", ALBRequest.self),
        Fixture("documented/alb.multi-value-response", ALBResponse.self),
        Fixture("documented/alb.response", ALBResponse.self),
        Fixture("documented/apigateway.iam-authorizer", APIGatewayV2Request.self),
        Fixture("documented/apigateway.lambda-authorizer", APIGatewayV2Request.self),
        Fixture("documented/asynchronous.event-bus", AsynchronousInvocationEvent.self),
        Fixture("documented/asynchronous.failure", AsynchronousInvocationRecord.self),
        Fixture("documented/asynchronous.success", AsynchronousInvocationRecord.self),
        Fixture("documented/eventbridge.replayed-event", EventBridgeEvent<JSONTree>.self),
        Fixture("documented/eventbridge.scheduled-event", EventBridgeEvent<JSONTree>.self),
        Fixture("documented/kinesis.tumbling-window", KinesisEvent.self),
        Fixture("documented/kinesis.tumbling-window-response", BatchResponse.self),
        Fixture("documented/function-url.request", FunctionURLRequest.self, .nullsAreLeftOut),
        Fixture("documented/function-url.response", FunctionURLResponse.self),
        Fixture("documented/s3.restore-completed", S3Event.self),
        Fixture("documented/sns.notification-in-queue", SNSNotification.self),
        Fixture("documented/sns.without-subject", SNSEvent.self, .nullsAreLeftOut),
        Fixture("documented/stream-failure.dynamodb", StreamFailureRecord.self),
        Fixture("documented/stream-failure.kinesis", StreamFailureRecord.self),
        Fixture("documented/stream-failure.partial", StreamFailureRecord.self),
        Fixture("documented/stream-failure.s3-report", StreamFailureRecord.self),
        Fixture("documented/stream-failure.too-old", StreamFailureRecord.self),
    ]

    @Test("an example", arguments: fixtures)
    func example(_ fixture: Fixture) throws {
        let document = try Fixture.bytes(fixture.path)
        let encoded = try JSONTree(lambdaPayload: fixture.decodeAndEncode(document))
        let original = try JSONTree(lambdaPayload: document)
        #expect(encoded == (fixture.comparison == .exact ? original : original.withoutNulls))
        #expect(original != .null)
    }

    @Test("every example in the folder is tried, and as any JSON too")
    func allExamples() throws {
        let known = Set(Self.fixtures.map { $0.path + ".json" })
        for folder in ["sam", "documented"] {
            let names = try FileManager.default.contentsOfDirectory(
                atPath: Fixture.folder.appending(path: folder).path)
            for name in names {
                #expect(known.contains("\(folder)/\(name)"))
                let document = try Fixture.bytes("\(folder)/\(name.dropLast(".json".count))")
                let tree = try JSONTree(lambdaPayload: document)
                #expect(try JSONTree(lambdaPayload: tree.lambdaPayload()) == tree)
            }
        }
    }

    @Test("members that AWS adds later are passed over, at every depth", arguments: fixtures)
    func unknownMembers(_ fixture: Fixture) throws {
        let original = try JSONTree(lambdaPayload: Fixture.bytes(fixture.path))
        let extended = Self.extended(original, below: "")
        #expect(extended != original)
        let encoded = try JSONTree(lambdaPayload: fixture.decodeAndEncode(extended.lambdaPayload()))
        let expected = try JSONTree(lambdaPayload: fixture.decodeAndEncode(original.lambdaPayload()))
        #expect(encoded == expected)
    }

    /// Members that hold somebody else's document or a dictionary: there every name is known.
    private static let open: Set<String> = [
        "detail", "requestPayload", "responsePayload", "lambda", "claims", "headers", "multiValueHeaders",
        "queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "stageVariables",
        "responseElements", "glacierEventData", "attributes", "messageAttributes", "MessageAttributes", "payload",
        "state",
    ]

    private static func extended(_ value: JSONTree, below name: String) -> JSONTree {
        switch value {
        case .object(var members) where !open.contains(name):
            for (name, member) in members { members[name] = extended(member, below: name) }
            members["somethingNew"] = ["a": [1, .null, "x"]]
            return .object(members)
        case .array(let elements): return .array(elements.map { extended($0, below: name) })
        default: return value
        }
    }
}
