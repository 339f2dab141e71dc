import FoundationEssentials
import HTTPClient

/// The AWS JSON protocols 1.0 and 1.1: one URL, the operation in `X-Amz-Target`, JSON both ways.
struct JSONProtocol: Sendable {
    let service: AWSService
    let targetPrefix: String
    let version: String

    // Prefixes and versions as in the service models AWS publishes with its SDKs.
    static let dynamoDB = JSONProtocol(service: .dynamoDB, targetPrefix: "DynamoDB_20120810", version: "1.0")
    static let kinesis = JSONProtocol(service: .kinesis, targetPrefix: "Kinesis_20131202", version: "1.1")
    static let secretsManager = JSONProtocol(
        service: .secretsManager, targetPrefix: "secretsmanager", version: "1.1")
    static let sqs = JSONProtocol(service: .sqs, targetPrefix: "AmazonSQS", version: "1.0")

    func call(
        _ operation: String, body: Data, endpoint: String
    ) -> AWSCall {
        AWSCall(
            service: service, operation: operation, url: endpoint + "/",
            headers: [
                "Content-Type": "application/x-amz-json-\(version)",
                "X-Amz-Target": "\(targetPrefix).\(operation)",
            ], body: body)
    }
}

/// The response of an operation that answers with nothing of interest.
struct EmptyResponse: Decodable, Sendable {}

extension AWSClient {
    /// Calls one operation of a service that speaks a JSON protocol.
    func call<Response: Decodable>(
        _ protocol: JSONProtocol, _ operation: String, _ request: some Encodable,
        returning: Response.Type = Response.self
    ) async throws(AWSError) -> Response {
        let service = `protocol`.service
        let encoder = JSONEncoder()
        // Sorted keys make the bytes of a request a function of its content.
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body: Data
        do {
            body = try encoder.encode(request)
        } catch {
            throw .invalidRequest(service: service, operation: operation, detail: "cannot be encoded as JSON")
        }
        let call = `protocol`.call(operation, body: body, endpoint: configuration.endpoint(for: service))
        let response = try await send(call)
        do {
            return try JSONDecoder().decode(Response.self, from: response.body)
        } catch {
            throw .malformedResponse(service: service, operation: operation, detail: Self.summary(of: error))
        }
    }

    /// Where a body went wrong, without quoting any of it: it may hold a secret or a customer's data.
    private static func summary(of error: any Error) -> String {
        switch error as? DecodingError {
        case .keyNotFound(let key, _): "no \(key.stringValue)"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "wrong type at \(context.codingPath.map(\.stringValue).joined(separator: "."))"
        default: "not the JSON document expected"
        }
    }
}
