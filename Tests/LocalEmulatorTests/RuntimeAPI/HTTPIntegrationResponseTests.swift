import CurlEventLoop
import Foundation
import Testing

@testable import LocalEmulator

@Suite("HTTP responses that a function streams") struct HTTPIntegrationResponseTests {
    private func payload(_ prelude: String, _ body: String) -> Data {
        Data(prelude.utf8) + Data(count: 8) + Data(body.utf8)
    }

    @Test("status, headers and cookies stand before eight NUL bytes, the body after them")
    func whole() throws {
        let prelude = "{\"statusCode\":201,\"headers\":{\"Content-Type\":\"text/plain\"},\"cookies\":[\"a=1\",\"b=2\"]}"
        let response = try #require(HTTPIntegrationResponse(payload(prelude, "hello \0 there")))
        #expect(response.statusCode == 201)
        #expect(response.headers["content-type"] == "text/plain")
        #expect(response.headers.values("Set-Cookie") == ["a=1", "b=2"])
        #expect(response.body == Data("hello \0 there".utf8))
    }

    @Test("an empty prelude is 200")
    func empty() throws {
        let response = try #require(HTTPIntegrationResponse(payload("{}", "")))
        #expect(response.statusCode == 200)
        #expect(response.body.isEmpty)
    }

    @Test(
        "what has no prelude, or one that is none, is no response",
        arguments: [
            Data("{}".utf8), Data("{}".utf8) + Data(count: 7), Data("[]".utf8) + Data(count: 8), Data(),
            Data("{\"statusCode\":99}".utf8) + Data(count: 8), Data("{\"statusCode\":\"x\"}".utf8) + Data(count: 8),
            Data("{\"headers\":{\"a\":\"b\\r\\nc: d\"}}".utf8) + Data(count: 8),
        ])
    func malformed(payload: Data) {
        #expect(HTTPIntegrationResponse(payload) == nil)
    }

    @Test("only a successful result of that content type is one")
    func content() {
        var result = InvocationResult(requestID: "r", payload: payload("{}", ""))
        #expect(!HTTPIntegrationResponse.isContent(of: result))
        result.contentType = HTTPIntegrationResponse.contentType
        #expect(HTTPIntegrationResponse.isContent(of: result))
        result.functionError = "Unhandled"
        #expect(!HTTPIntegrationResponse.isContent(of: result))
    }
}
