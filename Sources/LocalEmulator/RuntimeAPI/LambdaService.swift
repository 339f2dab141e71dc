import Foundation
import HTTPClient

/// Lambda's Invoke API on the wire.
public final class LambdaService: AWSService {
    /// Largest synchronous request (Lambda quotas: 6 MB).
    static let maximumRequestBytes = 6 * 1024 * 1024
    /// Largest asynchronous request (Lambda quotas: 1 MB).
    static let maximumAsynchronousBytes = 1024 * 1024

    /// `lambda`.
    public let signingName = "lambda"
    private let host: FunctionHost

    /// The API in front of these functions.
    public init(host: FunctionHost) {
        self.host = host
    }

    /// Answers one call.
    public func handle(_ request: HTTPServerRequest) -> HTTPServerResponse {
        let segments = request.pathSegments
        guard request.method == "POST", segments.count == 4, segments[0] == "2015-03-31", segments[1] == "functions",
            segments[3] == "invocations"
        else {
            return Self.error(
                404, "UnknownOperationException", "\(request.method) \(request.path) is not supported here")
        }
        let type = request.headers["X-Amz-Invocation-Type"] ?? "RequestResponse"
        let limit = type == "Event" ? Self.maximumAsynchronousBytes : Self.maximumRequestBytes
        guard request.body.count <= limit else {
            return Self.error(413, "RequestTooLargeException", "the payload is larger than \(limit) bytes")
        }
        if !request.body.isEmpty, (try? JSONValue(parsing: request.body)) == nil {
            return Self.error(400, "InvalidRequestContentException", "Could not parse request body into json")
        }
        do {
            return try invoke(segments[2], type, request)
        } catch {
            return switch error {
            case .unknownFunction(let name, _):
                Self.error(404, "ResourceNotFoundException", "Function not found: \(name)")
            case .throttled: Self.throttled()
            }
        }
    }

    private func invoke(_ name: String, _ type: String, _ request: HTTPServerRequest) throws(InvocationRefusal)
        -> HTTPServerResponse
    {
        let context = request.headers["X-Amz-Client-Context"]
            .flatMap { Data(base64Encoded: $0) }.map { String(decoding: $0, as: UTF8.self) }
        let invocation = InvocationRequest(
            payload: request.body.isEmpty ? Data("{}".utf8) : request.body,
            traceID: request.headers["X-Amzn-Trace-Id"], clientContext: context)
        switch type {
        case "RequestResponse":
            let result = try host.invoke(name, invocation)
            var headers: HTTPHeaders = [
                "Content-Type": "application/json", "X-Amz-Executed-Version": "$LATEST",
                "X-Amzn-RequestId": result.requestID,
            ]
            headers["X-Amz-Function-Error"] = result.functionError
            return .reply(status: 200, headers: headers, body: result.payload)
        case "Event":
            try host.invokeLater(name, invocation)
            return .reply(status: 202, headers: ["X-Amzn-RequestId": invocation.requestID], body: Data())
        case "DryRun":
            guard host.hasFunction(name) else { throw .unknownFunction(name: name, known: host.functionNames) }
            return .reply(status: 204, headers: [:], body: Data())
        default:
            return Self.error(400, "InvalidParameterValueException", "InvocationType \(type) is not known")
        }
    }

    private static func throttled() -> HTTPServerResponse {
        .json(
            429,
            ["Type": "User", "Reason": "ConcurrentInvocationLimitExceeded", "message": "Rate Exceeded."],
            headers: ["x-amzn-ErrorType": "TooManyRequestsException", "Retry-After": "1"])
    }

    private static func error(_ status: Int, _ type: String, _ message: String) -> HTTPServerResponse {
        .json(status, ["Type": "User", "Message": .string(message)], headers: ["x-amzn-ErrorType": type])
    }
}
