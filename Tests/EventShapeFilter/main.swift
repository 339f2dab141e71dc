// Reads an event of the named shape from standard input and writes it as our encoder does: what the conformance tests
// hand to other people's validators.
import Foundation
import LambdaCodable
import LambdaEvents
import Wire

/// Decodes and encodes.
func passThrough<Event: LambdaDecodable & LambdaEncodable>(_ type: Event.Type, _ payload: Bytes) throws -> Bytes {
    try Event(lambdaPayload: payload).lambdaPayload()
}

let shapes: [String: @Sendable (Bytes) throws -> Bytes] = [
    "ALBRequest": { try passThrough(ALBRequest.self, $0) },
    "ALBResponse": { try passThrough(ALBResponse.self, $0) },
    "APIGatewayV2Request": { try passThrough(APIGatewayV2Request.self, $0) },
    "APIGatewayV2Response": { try passThrough(APIGatewayV2Response.self, $0) },
    "AsynchronousInvocationEvent": { try passThrough(AsynchronousInvocationEvent.self, $0) },
    "AsynchronousInvocationRecord": { try passThrough(AsynchronousInvocationRecord.self, $0) },
    "BatchResponse": { try passThrough(BatchResponse.self, $0) },
    "EventBridgeEvent": { try passThrough(EventBridgeEvent<JSONTree>.self, $0) },
    "JSONTree": { try passThrough(JSONTree.self, $0) },
    "KinesisEvent": { try passThrough(KinesisEvent.self, $0) },
    "S3Event": { try passThrough(S3Event.self, $0) },
    "SNSEvent": { try passThrough(SNSEvent.self, $0) },
    "SNSNotification": { try passThrough(SNSNotification.self, $0) },
    "SQSEvent": { try passThrough(SQSEvent.self, $0) },
    "StreamFailureRecord": { try passThrough(StreamFailureRecord.self, $0) },
]

guard CommandLine.arguments.count == 2, let encode = shapes[CommandLine.arguments[1]] else {
    FileHandle.standardError.write(
        Data("usage: EventShapeFilter \(shapes.keys.sorted().joined(separator: "|"))\n".utf8))
    exit(2)
}
do {
    let event = try encode(Bytes(FileHandle.standardInput.readDataToEndOfFile()))
    FileHandle.standardOutput.write(Data(event))
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
