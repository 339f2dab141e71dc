import CurlEventLoop
import Foundation
import HTTPClient
import Testing

@testable import LocalEmulator

@Suite struct AWSEndpointTests {
    let endpoint: AWSEndpoint
    /// The same, with a service for requests that are not signed.
    let lenient: AWSEndpoint

    init() throws {
        let queues = SQSService(account: "123456789012", region: "eu-central-1", baseURL: { "http://x" })
        try queues.createQueue(name: "plain")
        endpoint = AWSEndpoint(services: [queues])
        lenient = AWSEndpoint(services: [queues], unsigned: queues)
    }

    private func send(_ headers: HTTPHeaders, target: String = "/", to other: AWSEndpoint? = nil) throws -> (
        status: Int, body: String
    ) {
        let endpoint = other ?? self.endpoint
        let request = HTTPServerRequest(method: "POST", target: target, headers: headers, body: Data("{}".utf8))
        guard case .reply(let status, _, let body) = endpoint.handle(request) else { return (0, "") }
        return (status, String(decoding: body, as: UTF8.self))
    }

    private func authorization(_ service: String) -> String {
        "AWS4-HMAC-SHA256 Credential=test/20261103/eu-central-1/\(service)/aws4_request, SignedHeaders=host, Signature=0"
    }

    @Test func `the signature's scope names the service`() throws {
        let answer = try send(["Authorization": authorization("sqs"), "X-Amz-Target": "AmazonSQS.ListQueues"])
        #expect(answer.status == 200)
        #expect(answer.body.contains("/plain"))
    }

    @Test func `a presigned request is routed by its query`() throws {
        let answer = try send(
            ["X-Amz-Target": "AmazonSQS.ListQueues"],
            target: "/?X-Amz-Credential=test%2F20261103%2Feu-central-1%2Fsqs%2Faws4_request")
        #expect(answer.status == 200)
    }

    @Test func `an unsigned request is refused in the caller's language`() throws {
        let json = try send(["X-Amz-Target": "AmazonSQS.ListQueues"])
        #expect(json.status == 403)
        #expect(json.body.contains("\"__type\":\"MissingAuthenticationToken\""))
        let xml = try send([:])
        #expect(xml.status == 403)
        #expect(xml.body.contains("<Code>MissingAuthenticationToken</Code>"))
    }

    @Test func `an unsigned request is taken by the service that asks for such, and a signed one is still routed`()
        throws
    {
        #expect(try send(["X-Amz-Target": "AmazonSQS.ListQueues"], to: lenient).body.contains("/plain"))
        let signed = try send(
            ["Authorization": authorization("ssm"), "X-Amz-Target": "AmazonSSM.GetParameter"], to: lenient)
        #expect(signed.status == 400 && signed.body.contains("'ssm'"))
        #expect(try send(["Authorization": "Basic dGVzdA=="], to: lenient).body.contains("IncompleteSignature"))
    }

    @Test(arguments: ["Basic dGVzdA==", "AWS4-HMAC-SHA256 Credential=test", "AWS4-HMAC-SHA256 Credential=a/b/c/d/e"])
    func `a credential that is none is refused`(authorization: String) throws {
        let answer = try send(["Authorization": authorization, "X-Amz-Target": "AmazonSQS.ListQueues"])
        #expect(answer.status == 400)
        #expect(answer.body.contains("IncompleteSignature"))
    }

    @Test func `a service that is not offered is named`() throws {
        let answer = try send(["Authorization": authorization("ssm"), "X-Amz-Target": "AmazonSSM.GetParameter"])
        #expect(answer.status == 400)
        #expect(answer.body.contains("'ssm'"))
        #expect(answer.body.contains("sqs"))
    }

    @Test func `resetting a service forgets its state`() throws {
        let queues = SQSService(account: "123456789012", region: "eu-central-1", baseURL: { "http://x" })
        try queues.createQueue(name: "plain")
        queues.reset()
        #expect(queues.queueNames().isEmpty)
    }

    @Test(arguments: ["[", "{\"a\":"])
    func `a deeply nested body is refused and does not exhaust the stack`(opening: String) throws {
        let body = "{\"Item\":" + String(repeating: opening, count: 100_000)
        let request = HTTPServerRequest(
            method: "POST", target: "/",
            headers: ["Authorization": authorization("sqs"), "X-Amz-Target": "AmazonSQS.SendMessage"],
            body: Data(body.utf8))
        guard case .reply(let status, _, let answer) = endpoint.handle(request) else { return }
        #expect(status == 400)
        #expect(String(decoding: answer, as: UTF8.self).contains("SerializationException"))
    }
}

@Suite struct JSONNestingTests {
    @Test func `the bound is exact`() {
        func nested(_ depth: Int) -> Data {
            Data((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect((try? JSONValue(parsing: nested(JSONNesting.maximum))) != nil)
        #expect((try? JSONValue(parsing: nested(JSONNesting.maximum + 1))) == nil)
    }

    @Test func `brackets inside strings do not count`() {
        let text = String(repeating: "[{\\\"", count: 500)
        #expect(
            (try? JSONValue(parsing: Data("[\"\(text)\"]".utf8))) == [
                .string(text.replacingOccurrences(of: "\\", with: ""))
            ])
    }
}
