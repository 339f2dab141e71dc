import CurlEventLoop
import Foundation
import HTTPClient

/// The AWS JSON protocols 1.0 and 1.1: every operation is a POST to `/`, named by `X-Amz-Target`.
struct AWSJSONProtocol: Sendable {
    /// `1.0` or `1.1`; it only shows in the content type.
    let version: String
    /// What stands before the dot of `X-Amz-Target`.
    let targetPrefix: String
    /// The namespace in front of an error's name in `__type`, with its `#`; clients cut it off.
    let typeNamespace: @Sendable (String) -> String
    /// The service's error for a member that is required and absent.
    let missingMember: @Sendable (String) -> AWSServiceError

    /// Reads the operation and its input, performs it and renders the result or the error.
    func respond(
        to request: HTTPServerRequest,
        _ perform: (_ operation: String, _ input: AWSInput) throws(AWSServiceError) -> JSONValue?
    ) -> HTTPServerResponse {
        do throws(AWSServiceError) {
            let operation = try operationName(request)
            let input = try self.input(request)
            guard let output = try perform(operation, input) else {
                throw AWSServiceError(
                    "UnknownOperationException",
                    "The local emulator does not offer the operation '\(operation)' of \(targetPrefix).")
            }
            return .reply(
                status: 200,
                headers: [
                    "Content-Type": "application/x-amz-json-\(version)", "x-amzn-RequestId": AWSRequestID.make(),
                ],
                body: output.serialized())
        } catch {
            return Self.errorResponse(error, version: version, typeNamespace: typeNamespace)
        }
    }

    private func operationName(_ request: HTTPServerRequest) throws(AWSServiceError) -> String {
        guard let target = request.headers["X-Amz-Target"], !target.isEmpty else {
            throw AWSServiceError(
                "UnknownOperationException",
                "The header X-Amz-Target is missing; it must be '\(targetPrefix).<Operation>'.")
        }
        guard request.method == "POST" else {
            throw AWSServiceError("UnknownOperationException", "\(target) must be sent by POST, not \(request.method).")
        }
        guard target.hasPrefix(targetPrefix + ".") else {
            throw AWSServiceError(
                "UnknownOperationException",
                "The header X-Amz-Target must begin with '\(targetPrefix).', it is '\(target)'.")
        }
        return String(target.dropFirst(targetPrefix.count + 1))
    }

    private func input(_ request: HTTPServerRequest) throws(AWSServiceError) -> AWSInput {
        if request.body.isEmpty { return AWSInput(members: [:], missing: missingMember) }
        guard JSONNesting.isWithinBounds(request.body) else {
            throw AWSServiceError(
                "SerializationException",
                "The request body is nested more than \(JSONNesting.maximum) levels deep.")
        }
        guard let document = try? JSONValue(parsing: request.body) else {
            throw AWSServiceError("SerializationException", "The request body is not valid JSON.")
        }
        guard case .object(let members) = document else {
            throw AWSServiceError("SerializationException", "The request body must be a JSON object.")
        }
        return AWSInput(members: members, missing: missingMember)
    }

    /// The error document `{"__type": "<namespace><code>", "message": "…"}`.
    static func errorResponse(
        _ error: AWSServiceError, version: String = "1.0", typeNamespace: (String) -> String
    ) -> HTTPServerResponse {
        var document = error.details
        document["__type"] = .string(typeNamespace(error.code) + error.code)
        // A transaction's error spells its message with a capital, as recorded from DynamoDB.
        document[error.code == "TransactionCanceledException" ? "Message" : "message"] = .string(error.message)
        var headers: HTTPHeaders = [
            "Content-Type": "application/x-amz-json-\(version)", "x-amzn-RequestId": AWSRequestID.make(),
            "x-amzn-ErrorType": error.code,
        ]
        if let queryCode = error.queryCode {
            headers["x-amzn-query-error"] = "\(queryCode);\(error.status < 500 ? "Sender" : "Receiver")"
        }
        return .reply(status: error.status, headers: headers, body: JSONValue.object(document).serialized())
    }
}

/// Request ids, which AWS puts on every answer so that a failure can be reported.
enum AWSRequestID {
    static func make() -> String { UUID().uuidString.lowercased() }
}
