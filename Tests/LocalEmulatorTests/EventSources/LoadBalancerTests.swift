import CurlEventLoop
import Foundation
import HTTPClient
import Testing

@testable import LocalEmulator

@Suite("Load balancer") struct LoadBalancerTests {
    /// Runs one request against a function whose handler returns what the given Python says.
    private func answer(
        _ handler: String, _ request: HTTPServerRequest, multiValueHeaders: Bool = false, patterns: [String] = []
    ) throws -> (status: Int, headers: HTTPHeaders, body: Data) {
        let bootstrap = try TestBootstrap(handler)
        let host = FunctionHost(
            functions: [
                FunctionDefinition(
                    name: "F", codeURI: ".", handler: "h", timeoutSeconds: 10, memoryMegabytes: 128, variables: [:])
            ], names: LocalNames(account: LocalNames.defaultAccount, endpoint: ""),
            bootstrap: { _ in bootstrap.path }, environment: [:], onEvent: { _ in })
        defer {
            host.stop()
            bootstrap.remove()
        }
        let balancer = LoadBalancer(
            routes: [
                LoadBalancerRoute(
                    pathPatterns: patterns, function: "F", targetGroupARN: "arn:tg",
                    multiValueHeaders: multiValueHeaders)
            ], host: host)
        guard case .reply(let status, let headers, let body) = balancer.handle(request) else {
            throw LoadBalancerTestError()
        }
        return (status, headers, body)
    }

    private struct LoadBalancerTestError: Error {}

    private static let echo =
        "return {'statusCode': 200, 'isBase64Encoded': False, 'headers': {'content-type': 'application/json'}, 'body': json.dumps(event)}"

    @Test("the event: lower-case names, last value wins, query not decoded, text as text")
    func event() throws {
        let request = HTTPServerRequest(
            method: "POST", target: "/v1/charges?a=1&a=%32&b",
            headers: HTTPHeaders([
                ("X-Two", "1"), ("x-two", "2"), ("Content-Type", "application/json"), ("Host", "h:80"),
            ]),
            body: Data("{\"é\":1}".utf8))
        let seen = try JSONValue(parsing: answer(Self.echo, request).body)
        #expect(seen["headers"]?["x-two"] == "2")
        #expect(seen["headers"]?["x-amzn-trace-id"]?.stringValue?.hasPrefix("Root=1-") == true)
        #expect(seen["queryStringParameters"] == ["a": "%32", "b": ""])
        #expect(seen["body"] == "{\"é\":1}")
        #expect(seen["isBase64Encoded"] == false)
        #expect(seen["requestContext"]?["elb"]?["targetGroupArn"] == "arn:tg")
    }

    @Test("multi-value mode replaces the single-value members")
    func multiValue() throws {
        let request = HTTPServerRequest(
            method: "GET", target: "/?a=1&a=2", headers: HTTPHeaders([("X-Two", "1"), ("x-two", "2")]))
        let handler = """
            return {'statusCode': 200, 'isBase64Encoded': False, 'multiValueHeaders': {'x-seen': ['1', '2']}, 'body': json.dumps(event)}
            """
        let answer = try answer(handler, request, multiValueHeaders: true)
        let seen = try JSONValue(parsing: answer.body)
        #expect(seen["headers"] == nil)
        #expect(seen["multiValueHeaders"]?["x-two"] == ["1", "2"])
        #expect(seen["multiValueQueryStringParameters"] == ["a": ["1", "2"]])
        #expect(answer.headers.values("x-seen") == ["1", "2"])
    }

    @Test(
        "bodies that are no text, and every encoded one, travel as base64",
        arguments: [
            HTTPHeaders([("Content-Type", "application/octet-stream")]),
            HTTPHeaders([("Content-Type", "application/json"), ("Content-Encoding", "gzip")]), HTTPHeaders(),
        ])
    func base64(headers: HTTPHeaders) throws {
        let request = HTTPServerRequest(method: "POST", target: "/", headers: headers, body: Data([0xFF, 0x00]))
        let seen = try JSONValue(parsing: answer(Self.echo, request).body)
        #expect(seen["isBase64Encoded"] == true)
        #expect(seen["body"] == "/wA=")
    }

    @Test(
        "what is no answer becomes 502 with the reason ALB logs",
        arguments: [
            ("return {'statusCode': 'x'}", "LambdaInvalidResponse"), ("return 7", "LambdaInvalidResponse"),
            ("os._exit(1)", "LambdaUnhandled"),
            (
                "return {'statusCode': 200, 'isBase64Encoded': False, 'body': 'x' * (1024 * 1024)}",
                "LambdaResponseTooLarge"
            ),
            ("return {'statusCode': 200, 'body': '*', 'isBase64Encoded': True}", "LambdaInvalidResponse"),
        ])
    func badGateway(handler: String, reason: String) throws {
        let answer = try answer(handler, HTTPServerRequest(method: "GET", target: "/"))
        #expect(answer.status == 502)
        #expect(answer.headers["X-Emulator-Error-Reason"] == reason)
    }

    @Test("text that is not UTF-8 is refused before any function runs, not repaired")
    func notText() throws {
        let request = HTTPServerRequest(
            method: "POST", target: "/", headers: ["Content-Type": "text/plain; charset=latin1"],
            body: Data([0x61, 0xE9]))
        let answer = try answer(Self.echo, request)
        #expect(answer.status == 502)
        #expect(answer.headers["X-Emulator-Error-Reason"] == "LambdaBadRequest")
    }

    @Test("limits and routes are kept before any function runs")
    func refusals() throws {
        let large = HTTPServerRequest(method: "POST", target: "/", body: Data(count: 1024 * 1024 + 1))
        #expect(try answer(Self.echo, large).status == 413)
        let elsewhere = HTTPServerRequest(method: "GET", target: "/other")
        #expect(try answer(Self.echo, elsewhere, patterns: ["/v1/webhooks/*"]).status == 404)
        let upgrade = HTTPServerRequest(method: "GET", target: "/", headers: ["Upgrade": "websocket"])
        #expect(try answer(Self.echo, upgrade).status == 400)
    }
}
