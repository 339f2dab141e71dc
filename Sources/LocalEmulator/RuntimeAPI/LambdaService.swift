import CurlEventLoop
import Foundation

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
        do throws(LambdaServiceRefusal) { return try answer(request) } catch { return error.answer }
    }

    private func answer(_ request: HTTPServerRequest) throws(LambdaServiceRefusal) -> HTTPServerResponse {
        let segments = request.pathSegments
        guard request.method == "POST", segments.count == 4, segments[1] == "functions" else {
            throw Self.unknownOperation(request)
        }
        let type = request.headers["X-Amz-Invocation-Type"] ?? "RequestResponse"
        switch (segments[0], segments[3]) {
        case ("2015-03-31", "invocations"): return try invoke(segments[2], type, request)
        case ("2021-11-15", "response-streaming-invocations"): return try stream(segments[2], type, request)
        default: throw Self.unknownOperation(request)
        }
    }

    private func invoke(_ name: String, _ type: String, _ request: HTTPServerRequest) throws(LambdaServiceRefusal)
        -> HTTPServerResponse
    {
        let invocation = try Self.invocation(request, isAsynchronous: type == "Event")
        do throws(InvocationRefusal) {
            switch type {
            case "RequestResponse":
                let result = try host.invoke(name, invocation)
                var headers = Self.headers(result.requestID)
                // Only a stream keeps the type that the function gave it.
                headers["Content-Type"] = result.isStreamed ? result.contentType : "application/json"
                headers["X-Amz-Function-Error"] = result.functionError
                return .reply(status: 200, headers: headers, body: result.payload)
            case "Event":
                try host.invokeLater(name, invocation)
                return .reply(status: 202, headers: ["X-Amzn-RequestId": invocation.requestID], body: Data())
            case "DryRun": return try dryRun(name)
            default: break
            }
        } catch { throw LambdaServiceRefusal(error) }
        throw LambdaServiceRefusal(400, "InvalidParameterValueException", "InvocationType \(type) is not known")
    }

    /// `InvokeWithResponseStream`. The events are told when the function has finished, not one by one.
    private func stream(_ name: String, _ type: String, _ request: HTTPServerRequest) throws(LambdaServiceRefusal)
        -> HTTPServerResponse
    {
        var invocation = try Self.invocation(request, isAsynchronous: false)
        invocation.takesStream = true
        do throws(InvocationRefusal) {
            switch type {
            case "RequestResponse":
                let result = try host.invoke(name, invocation)
                var headers = Self.headers(result.requestID)
                headers["Content-Type"] = EventStreamMessage.contentType
                return .reply(status: 200, headers: headers, body: ResponseStreamEvents.encoded(result))
            case "DryRun": return try dryRun(name)
            default: break
            }
        } catch { throw LambdaServiceRefusal(error) }
        throw LambdaServiceRefusal(400, "InvalidParameterValueException", "InvocationType \(type) is not known")
    }

    private func dryRun(_ name: String) throws(InvocationRefusal) -> HTTPServerResponse {
        guard host.hasFunction(name) else { throw .unknownFunction(name: name, known: host.functionNames) }
        return .reply(status: 204, headers: [:], body: Data())
    }

    private static func headers(_ requestID: String) -> HTTPHeaders {
        ["X-Amz-Executed-Version": "$LATEST", "X-Amzn-RequestId": requestID]
    }

    private static func unknownOperation(_ request: HTTPServerRequest) -> LambdaServiceRefusal {
        LambdaServiceRefusal(
            404, "UnknownOperationException", "\(request.method) \(request.path) is not supported here")
    }
}

// MARK: - What the caller sends

extension LambdaService {
    private static func invocation(_ request: HTTPServerRequest, isAsynchronous: Bool) throws(LambdaServiceRefusal)
        -> InvocationRequest
    {
        let limit = isAsynchronous ? maximumAsynchronousBytes : maximumRequestBytes
        guard request.body.count <= limit else {
            throw LambdaServiceRefusal(413, "RequestTooLargeException", "the payload is larger than \(limit) bytes")
        }
        if !request.body.isEmpty, (try? JSONValue(parsing: request.body)) == nil {
            throw LambdaServiceRefusal(400, "InvalidRequestContentException", "Could not parse request body into json")
        }
        return InvocationRequest(
            payload: request.body.isEmpty ? Data("{}".utf8) : request.body,
            traceID: request.headers["X-Amzn-Trace-Id"], clientContext: try clientContext(request),
            cognitoIdentity: try cognitoIdentity(request), tenantID: try tenantID(request))
    }

    private static func clientContext(_ request: HTTPServerRequest) throws(LambdaServiceRefusal) -> String? {
        guard let encoded = request.headers["X-Amz-Client-Context"] else { return nil }
        guard let decoded = Data(base64Encoded: encoded), let context = try? JSONValue(parsing: decoded),
            context.objectValue != nil, let text = String(validating: decoded, as: UTF8.self),
            // It travels on in a header.
            !text.utf8.contains(where: { $0 == 0x0D || $0 == 0x0A })
        else {
            throw LambdaServiceRefusal(
                400, "InvalidRequestContentException", "Client context must be a valid Base64-encoded JSON object.")
        }
        return text
    }

    /// AWS takes the identity from the caller's credentials; its emulator takes it from this header, and so does this.
    private static func cognitoIdentity(_ request: HTTPServerRequest) throws(LambdaServiceRefusal) -> CognitoIdentity? {
        guard let header = request.headers["X-Amz-Cognito-Identity"] else { return nil }
        guard let identity = CognitoIdentity(header) else {
            throw LambdaServiceRefusal(
                400, "InvalidRequestContentException", "X-Amz-Cognito-Identity must be a valid JSON string")
        }
        return identity
    }

    private static func tenantID(_ request: HTTPServerRequest) throws(LambdaServiceRefusal) -> String? {
        guard let tenant = request.headers["X-Amz-Tenant-Id"] else { return nil }
        // Lambda API, TenantId: 1 to 256 characters of this pattern.
        guard (1...256).contains(tenant.utf8.count), tenant.wholeMatch(of: /[a-zA-Z0-9._:\/=+\-@ ]+/) != nil else {
            throw LambdaServiceRefusal(
                400, "ValidationException", "tenantId does not match [a-zA-Z0-9\\._:\\/=+\\-@ ]+")
        }
        return tenant
    }
}
