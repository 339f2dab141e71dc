import LambdaCodable
import LambdaEvents
import Testing
import Wire

@Suite("HTTP API and function URL") struct HTTPAPIShapeTests {
    @Test("a function URL's request")
    func functionURL() throws {
        let request: FunctionURLRequest = try Fixture.event("documented/function-url.request")
        #expect(request.method == "POST" && request.rawPath == "/my/path")
        #expect(request.header("HEADER1") == "value1" && request.header("none") == nil)
        #expect(request.cookie("cookie1") == "one" && request.cookie("cookie2") == "two=2")
        #expect(request.cookie("cookie") == nil)
        #expect(request.queryValues == ["parameter1": ["value1", "value2"], "parameter2": ["value"]])
        #expect(request.bodyBytes == Bytes(utf8: "Hello from client!"))
        #expect(request.requestContext.authorizer?.iam?.accountID == "111122223333")
        #expect(request.requestContext.authorizer?.iam?.cognitoIdentity == nil)
        #expect(request.pathParameters == nil && request.stageVariables == nil)
    }

    @Test("a body of an HTTP API is decoded from base64")
    func base64() throws {
        let request: APIGatewayV2Request = try Fixture.event("sam/apigateway.http-api-proxy")
        #expect(request.bodyBytes == Bytes(utf8: #"{"test":"body"}"#))
        #expect(request.requestContext.authentication?.clientCert?.subjectDN == "www.example.com")
        #expect(request.requestContext.authorizer?.jwt?.claim("claim1") == "value1")
        #expect(request.requestContext.authorizer?.jwt?.claim("none") == nil)
        #expect(request.cookie("cookie1") == nil, "it has a name only")
    }

    @Test("what a Lambda authorizer returned is any JSON")
    func lambdaAuthorizer() throws {
        let request: APIGatewayV2Request = try Fixture.event("documented/apigateway.lambda-authorizer")
        #expect(request.requestContext.authorizer?.lambda?["limit"]?.intValue == 12)
        #expect(request.body == nil && request.bodyBytes == [])
        #expect(request.queryValues.isEmpty)
    }

    @Test("a request made of its parts")
    func parts() throws {
        let request = APIGatewayV2Request(
            requestContext: APIGatewayV2RequestContext(
                accountID: "1", apiID: "a", domainName: "a.lambda-url.eu-west-1.on.aws",
                http: .init(method: "GET", path: "/x", sourceIP: "127.0.0.1"), requestID: "r",
                time: "12/Mar/2020:19:03:58 +0000", timeEpoch: 1_583_348_638_390),
            rawPath: "/x", rawQueryString: "k=%C3%A9&k=a+b&empty&=v")
        #expect(request.requestContext.domainPrefix == "a" && request.routeKey == "$default")
        #expect(request.queryValues == ["k": ["é", "a b"], "empty": [""], "": ["v"]])
        #expect(try APIGatewayV2Request(lambdaPayload: request.lambdaPayload()) == request)
    }

    @Test("an answer of text, of bytes, and with cookies")
    func answers() throws {
        let text = APIGatewayV2Response(statusCode: 200, headers: ["Content-Type": "text/plain"], body: "é")
        #expect(text.isBase64Encoded == false && text.bodyBytes == Bytes(utf8: "é"))
        #expect(text.header("content-type") == "text/plain")
        let bytes = APIGatewayV2Response(statusCode: 200, cookies: ["a=1"], body: [0xFF] as Bytes)
        let document = try JSONTree(lambdaPayload: bytes.lambdaPayload())
        #expect(
            document
                == ["statusCode": 200, "headers": [:], "body": "/w==", "isBase64Encoded": true, "cookies": ["a=1"]])
        let least = try APIGatewayV2Response(lambdaPayload: Bytes(utf8: #"{"statusCode":204}"#))
        #expect(least.statusCode == 204 && least.bodyBytes == [])
    }
}
