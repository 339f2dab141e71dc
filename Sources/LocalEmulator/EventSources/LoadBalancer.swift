import CurlEventLoop
import Foundation
import LambdaCodable
import LambdaEvents
import Wire

/// The front door: HTTP in, Lambda events behind it, as an Application Load Balancer with Lambda targets does it.
struct LoadBalancer: Sendable {
    /// Largest request body and largest response document (ALB, Lambda targets: 1 MB).
    static let maximumBytes = 1024 * 1024

    let routes: [LoadBalancerRoute]
    let host: FunctionHost

    /// Answers one HTTP request.
    func handle(_ request: HTTPServerRequest) -> HTTPServerResponse {
        guard let route = routes.first(where: { Self.matches(request.path, $0.pathPatterns) }) else {
            return .text(404, "no listener rule matches\n")
        }
        guard request.body.count <= Self.maximumBytes else {
            return .text(413, "the request body is larger than 1 MB\n")
        }
        if request.headers["Upgrade"] != nil { return .text(400, "upgrade is not supported\n") }
        let trace = request.headers["X-Amzn-Trace-Id"] ?? TraceID.make().split(separator: ";").first.map(String.init)
        guard let payload = try? event(request, route, trace ?? "").map({ Data(try $0.lambdaPayload()) }) else {
            return Self.badGateway("LambdaBadRequest")
        }
        let result: InvocationResult
        do { result = try host.invoke(route.function, InvocationRequest(payload: payload, traceID: trace)) } catch {
            return switch error {
            case .throttled: Self.badGateway("LambdaThrottling")
            case .unknownFunction: Self.badGateway("LambdaInvalidResponse")
            }
        }
        if result.functionError != nil { return Self.badGateway("LambdaUnhandled") }
        if HTTPIntegrationResponse.isContent(of: result) {
            guard result.payload.count <= Self.maximumBytes else { return Self.badGateway("LambdaResponseTooLarge") }
            return HTTPIntegrationResponse(result.payload)?.serverResponse ?? Self.badGateway("LambdaInvalidResponse")
        }
        return Self.response(result.payload, multiValueHeaders: route.multiValueHeaders)
    }

    /// The event for the function; `nil` when the body says that it is text but is not UTF-8.
    private func event(_ request: HTTPServerRequest, _ route: LoadBalancerRoute, _ trace: String) -> ALBRequest? {
        var headers: [String: [String]] = [:]
        for (name, value) in request.headers.pairs { headers[name.lowercased(), default: []].append(value) }
        headers["x-forwarded-for", default: []].append(request.remoteAddress)
        headers["x-forwarded-proto"] = ["http"]
        headers["x-forwarded-port"] = [headers["host"]?.last?.split(separator: ":").last.map(String.init) ?? "80"]
        headers["x-amzn-trace-id"] = [trace]
        var query: [String: [String]] = [:]
        for item in request.query.split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            query[parts[0], default: []].append(parts.count == 2 ? parts[1] : "")
        }
        let isText = Self.isText(headers)
        let body = isText ? String(validating: request.body, as: UTF8.self) : request.body.base64EncodedString()
        guard let body else { return nil }
        var event = ALBRequest(
            targetGroupARN: route.targetGroupARN, httpMethod: request.method, path: request.path,
            queryStringParameters: query.compactMapValues(\.last), headers: headers.compactMapValues(\.last),
            body: body, isBase64Encoded: !isText && !request.body.isEmpty)
        if route.multiValueHeaders {
            event.headers = nil
            event.queryStringParameters = nil
            event.multiValueHeaders = headers
            event.multiValueQueryStringParameters = query
        }
        return event
    }

    /// Bodies of these types travel as text; all others, and every encoded one, as base64.
    private static func isText(_ headers: [String: [String]]) -> Bool {
        guard headers["content-encoding"] == nil else { return false }
        let type = headers["content-type"]?.last?.lowercased() ?? ""
        let textual = ["text/", "application/json", "application/javascript", "application/xml"]
        return textual.contains { type.hasPrefix($0) }
    }

    private static func response(_ payload: Data, multiValueHeaders: Bool) -> HTTPServerResponse {
        guard payload.count <= maximumBytes else { return badGateway("LambdaResponseTooLarge") }
        guard let answer = try? ALBResponse(lambdaPayload: Bytes(payload)), (100...599).contains(answer.statusCode),
            let body = answer.isBase64Encoded ? Data(base64Encoded: answer.body ?? "") : Data((answer.body ?? "").utf8)
        else { return badGateway("LambdaInvalidResponse") }
        var headers = HTTPHeaders()
        let pairs =
            multiValueHeaders
            ? (answer.multiValueHeaders ?? [:]).flatMap { name, values in values.map { (name, $0) } }
            : (answer.headers ?? [:]).map { ($0.key, $0.value) }
        let ignored: Set<String> = [
            "connection", "keep-alive", "transfer-encoding", "content-length", "upgrade", "te", "trailer",
            "proxy-authenticate", "proxy-authorization",
        ]
        for (name, value) in pairs.sorted(by: { $0.0 < $1.0 }) where !ignored.contains(name.lowercased()) {
            headers.add(name, value)
        }
        return .reply(status: answer.statusCode, headers: headers, body: body)
    }

    /// The reason is what ALB writes into its access log as `error_reason`.
    private static func badGateway(_ reason: String) -> HTTPServerResponse {
        .reply(
            status: 502, headers: ["Content-Type": "text/plain; charset=utf-8", "X-Emulator-Error-Reason": reason],
            body: Data("502 Bad Gateway (\(reason))\n".utf8))
    }

    private static func matches(_ path: String, _ patterns: [String]) -> Bool {
        patterns.isEmpty || patterns.contains { fnmatch($0, path, 0) == 0 }
    }
}
