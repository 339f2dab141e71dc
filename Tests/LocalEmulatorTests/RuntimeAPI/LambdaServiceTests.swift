import CurlEventLoop
import Foundation
import Testing

@testable import LocalEmulator

@Suite("Invoke API") struct LambdaServiceTests {
    private func answer(
        _ rig: HostRig, _ headers: HTTPHeaders = [:], path: String = "/2015-03-31/functions/F/invocations"
    ) throws -> SessionRig.Answer {
        let request = HTTPServerRequest(method: "POST", target: path, headers: headers, body: Data("{}".utf8))
        guard case .reply(let status, let headers, let body) = LambdaService(host: rig.host).handle(request) else {
            throw CocoaError(.fileReadUnknown)
        }
        return SessionRig.Answer(status: status, headers: headers, body: body)
    }

    @Test("client context, Cognito identity and tenant travel on to the function")
    func context() throws {
        let rig = try HostRig("return context.headers")
        defer { rig.stop() }
        let identity = "{\"cognitoIdentityId\":\"i\",\"cognitoIdentityPoolId\":\"p\"}"
        let answer = try answer(
            rig,
            [
                "X-Amz-Client-Context": Data("{\"custom\":{}}".utf8).base64EncodedString(),
                "X-Amz-Cognito-Identity": identity, "X-Amz-Tenant-Id": "blue",
            ])
        let seen = try JSONValue(parsing: answer.body)
        #expect(seen["lambda-runtime-client-context"] == "{\"custom\":{}}")
        #expect(seen["lambda-runtime-cognito-identity"] == .string(identity))
        #expect(seen["lambda-runtime-aws-tenant-id"] == "blue")
    }

    @Test(
        "what is malformed is 400, and no function runs",
        arguments: [
            ("X-Amz-Client-Context", "no base64!"), ("X-Amz-Client-Context", "W10="), ("X-Amz-Client-Context", "ew=="),
            ("X-Amz-Cognito-Identity", "{"), ("X-Amz-Tenant-Id", "a|b"), ("X-Amz-Tenant-Id", ""),
            ("X-Amz-Tenant-Id", String(repeating: "a", count: 257)), ("X-Amz-Invocation-Type", "Sometimes"),
        ])
    func malformed(name: String, value: String) throws {
        let rig = try HostRig("return 1")
        defer { rig.stop() }
        #expect(try answer(rig, [name: value]).status == 400)
        #expect(rig.events.read { $0.isEmpty })
    }

    @Test("a streamed response keeps its content type")
    func streamed() throws {
        let rig = try HostRig(
            """
            context.call('POST', 'invocation/' + context.request_id + '/response', iter([b'{}', b'\\0' * 8, b'body']), {
                'Lambda-Runtime-Function-Response-Mode': 'streaming',
                'Content-Type': 'application/vnd.awslambda.http-integration-response'})
            return ANSWERED
            """)
        defer { rig.stop() }
        let answer = try answer(rig)
        #expect(answer.headers["Content-Type"] == HTTPIntegrationResponse.contentType)
        #expect(HTTPIntegrationResponse(answer.body)?.body == Data("body".utf8))
    }

    @Test("an unknown operation is 404")
    func unknown() throws {
        let rig = try HostRig("return 1")
        defer { rig.stop() }
        let answer = try answer(rig, path: "/2015-03-31/functions/F/elsewhere")
        #expect(answer.status == 404)
    }

    @Test("the log settings of the template become variables")
    func logging() {
        var function = FunctionDefinition(
            name: "F", codeURI: ".", handler: "h", timeoutSeconds: 1, memoryMegabytes: 128, variables: [:])
        func variables() -> [String: String] {
            LambdaEnvironment.variables(for: function, bootstrap: "/p/bootstrap", region: "r", shared: [:])
        }
        #expect(variables()["AWS_LAMBDA_LOG_FORMAT"] == nil)
        function.logging = LoggingConfiguration(format: .json, applicationLevel: "DEBUG")
        #expect(variables()["AWS_LAMBDA_LOG_FORMAT"] == "JSON")
        #expect(variables()["AWS_LAMBDA_LOG_LEVEL"] == "DEBUG")
        function.logging = LoggingConfiguration(format: .text)
        #expect(variables()["AWS_LAMBDA_LOG_FORMAT"] == "Text")
        #expect(variables()["AWS_LAMBDA_LOG_LEVEL"] == nil)
        #expect(variables()["TZ"] == ":UTC")
        #expect(variables()["AWS_LAMBDA_INITIALIZATION_TYPE"] == "on-demand")
    }
}
