import LambdaCodable
import LambdaEvents
import Testing
import Wire

@Suite("ALB request and response") struct LoadBalancerShapeTests {
    private func request(multiValue: Bool = false, query: [String: [String]] = [:], headers: [String: [String]] = [:])
        -> ALBRequest
    {
        multiValue
            ? ALBRequest(
                targetGroupARN: "arn", httpMethod: "GET", path: "/", multiValueQueryStringParameters: query,
                multiValueHeaders: headers)
            : ALBRequest(
                targetGroupARN: "arn", httpMethod: "GET", path: "/",
                queryStringParameters: query.compactMapValues(\.last), headers: headers.compactMapValues(\.last))
    }

    @Test("query values are decoded here, because ALB does not", arguments: [false, true])
    func query(multiValue: Bool) {
        let query = ["email": ["a%2Bb%40example.com"], "q": ["x+y"], "bad": ["%zz%4%+1"], "na%6de": ["1"]]
        let request = request(multiValue: multiValue, query: query)
        let expected = ["email": "a+b@example.com", "q": "x y", "bad": "%zz%4% 1", "name": "1"]
        #expect(request.queryParameters == expected)
        #expect(request.queryValues == expected.mapValues { [$0] })
    }

    @Test("of a repeated name the last value counts, in multi-value mode all are there")
    func repeatedNames() {
        let multi = request(multiValue: true, query: ["k": ["1", "%32"]], headers: ["accept": ["a", "b"]])
        #expect(multi.isMultiValue)
        #expect(multi.queryParameters == ["k": "2"] && multi.queryValues == ["k": ["1", "2"]])
        #expect(multi.header("Accept") == "b" && multi.headerValues("ACCEPT") == ["a", "b"])
        let single = request(headers: ["accept": ["a"]])
        #expect(!single.isMultiValue)
        #expect(single.header("Accept") == "a" && single.headerValues("accept") == ["a"])
        #expect(single.header("accep") == nil && single.headerValues("none").isEmpty)
    }

    @Test(
        "D-05: the body's bytes come out exactly as they went in",
        arguments: [Bytes(utf8: "é\r\n\n"), [0xFF, 0xFE, 0], []])
    func body(bytes: Bytes) throws {
        var request = request()
        request.body = Base64.encode(bytes)
        request.isBase64Encoded = true
        #expect(try ALBRequest(lambdaPayload: request.lambdaPayload()).bodyBytes == bytes)
        for response in [
            ALBResponse(statusCode: 200, body: bytes),
            ALBResponse(statusCode: 200, multiValueHeaders: [:], body: bytes),
            ALBResponse(to: request, statusCode: 200, body: bytes),
        ] {
            #expect(try ALBResponse(lambdaPayload: response.lambdaPayload()).bodyBytes == bytes)
            #expect(response.isBase64Encoded == (bytes == [0xFF, 0xFE, 0]))
        }
    }

    @Test("a body flagged as base64 that is none has no bytes; a text body has its own")
    func notBase64() {
        var request = request()
        request.body = "*"
        #expect(request.bodyBytes == Bytes(utf8: "*"))
        request.isBase64Encoded = true
        #expect(request.bodyBytes == nil)
    }

    @Test("an answer takes the header mode of its request")
    func answer() {
        let fields = [("X-A", "1"), ("Set-Cookie", "a=1"), ("x-a", "2"), ("set-cookie", "b=2")]
        let single = ALBResponse(to: request(), statusCode: 204, headers: fields)
        #expect(single.headers == ["X-A": "1, 2", "Set-Cookie": "b=2"] && single.multiValueHeaders == nil)
        #expect(single.header("x-a") == "1, 2")
        let multi = ALBResponse(to: request(multiValue: true), statusCode: 204, headers: fields)
        #expect(multi.multiValueHeaders == ["X-A": ["1", "2"], "Set-Cookie": ["a=1", "b=2"]] && multi.headers == nil)
        #expect(multi.header("set-cookie") == "b=2")
    }

    @Test("what a load balancer demands of an answer is always written")
    func demanded() throws {
        let single = try JSONTree(lambdaPayload: ALBResponse(statusCode: 200).lambdaPayload())
        #expect(single == ["statusCode": 200, "isBase64Encoded": false, "headers": [:], "body": ""])
        let multi = try JSONTree(lambdaPayload: ALBResponse(statusCode: 200, multiValueHeaders: [:]).lambdaPayload())
        #expect(multi == ["statusCode": 200, "isBase64Encoded": false, "multiValueHeaders": [:], "body": ""])
    }
}
