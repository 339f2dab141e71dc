import Testing
import Wire

@testable import LambdaRuntime

@Suite("Header fields of next") struct InvocationMetadataTests {
    private func metadata(_ lines: [String]) -> InvocationMetadata {
        var metadata = InvocationMetadata()
        for line in lines { Bytes(utf8: line + "\r\n").withUnsafeBytes { metadata.add($0) } }
        return metadata
    }

    @Test("every field is found in any case, with any white space around its value")
    func fields() {
        let metadata = metadata([
            "HTTP/1.1 200 OK", "LAMBDA-RUNTIME-AWS-REQUEST-ID:id-1", "lambda-runtime-deadline-ms: \t 1700000000000  ",
            "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-1:1:function:f:live",
            "Lambda-Runtime-Trace-Id: Root=1-2;Sampled=1", "Lambda-Runtime-Client-Context: {\"a\":1}",
            "Lambda-Runtime-Cognito-Identity: {}", "Lambda-Runtime-Aws-Tenant-Id: tenant", "",
        ])
        #expect(metadata.requestID == "id-1")
        #expect(metadata.deadlineMilliseconds == 1_700_000_000_000)
        #expect(metadata.functionARN == "arn:aws:lambda:eu-west-1:1:function:f:live")
        #expect(metadata.traceID == "Root=1-2;Sampled=1")
        #expect(metadata.clientContext == "{\"a\":1}")
        #expect(metadata.cognitoIdentity == "{}")
        #expect(metadata.tenantID == "tenant")
    }

    @Test(
        "other fields and unusable values change nothing",
        arguments: [
            "Lambda-Runtime-Aws-Request-Identity: x", "X-Lambda-Runtime-Aws-Request-Id: x", "Lambda-Runtime-", ":",
            "Lambda-Runtime-Deadline-Ms: soon", "Lambda-Runtime-Aws-Request-Id",
        ])
    func otherFields(line: String) {
        let metadata = metadata([line])
        #expect(metadata.requestID == nil)
        #expect(metadata.deadlineMilliseconds == nil)
    }

    @Test("without a request id there is no invocation")
    func requestID() {
        #expect(Invocation(metadata: metadata([]), payload: []) == nil)
        #expect(Invocation(metadata: metadata(["Lambda-Runtime-Aws-Request-Id: "]), payload: []) == nil)
        #expect(Invocation(metadata: metadata(["Lambda-Runtime-Aws-Request-Id: a b"]), payload: []) == nil)
        #expect(Invocation(metadata: metadata(["Lambda-Runtime-Aws-Request-Id: 1"]), payload: [])?.requestID == "1")
    }

    @Test("a deadline of any number gives a remaining time that is no trap")
    func remainingTime() {
        for (deadline, remaining) in [(Int64.max, Int.max), (Int64.min, 0), (0, 0)] {
            let context = LambdaContext(requestID: "r", deadlineMilliseconds: deadline)
            #expect(
                deadline == .max ? context.remainingMilliseconds() > 0 : context.remainingMilliseconds() == remaining)
        }
    }

    @Test("the Cognito identity is read from its JSON, and is none when that holds none")
    func cognitoIdentity() {
        let text = "{\"cognitoIdentityId\":\"eu:1\",\"other\":[1],\"cognitoIdentityPoolId\":\"pool\"}"
        let context = LambdaContext(requestID: "r", cognitoIdentityText: text)
        #expect(context.cognitoIdentity == CognitoIdentity(identityID: "eu:1", identityPoolID: "pool"))
        for text in ["", "{", "{}", "{\"cognitoIdentityId\":1}", "null"] {
            #expect(LambdaContext(requestID: "r", cognitoIdentityText: text).cognitoIdentity == nil)
        }
    }
}
