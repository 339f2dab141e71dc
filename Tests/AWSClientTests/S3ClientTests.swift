import Foundation
import Testing

@testable import AWSClient

@Suite("S3 on the wire")
struct S3ClientTests {
    @Test("the bucket is in the host name at AWS, in the path at a replaced endpoint or when it has dots")
    func addressing() async throws {
        let atAWS = try ScriptedAWS([.json(""), .json("")])
        try await S3Client(atAWS.client).putObject(bucket: "reports", key: "2026/a b+ü.csv", body: Data("x".utf8))
        let path = "2026/a%20b%2B%C3%BC.csv"
        #expect(atAWS.transport.requests[0].url == "https://reports.s3.eu-central-1.amazonaws.com/\(path)")
        _ = try await S3Client(atAWS.client).getObject(bucket: "my.reports", key: "k")
        #expect(atAWS.transport.requests[1].url == "https://s3.eu-central-1.amazonaws.com/my.reports/k")

        let local = try ScriptedAWS([.json("")], endpoint: "http://127.0.0.1:4566/")
        _ = try await S3Client(local.client).getObject(bucket: "reports", key: "a//b")
        #expect(local.transport.requests[0].url == "http://127.0.0.1:4566/reports/a//b")
    }

    @Test("an upload carries its checksum and the payload hash S3 demands")
    func upload() async throws {
        let aws = try ScriptedAWS([.json("")])
        try await S3Client(aws.client).putObject(
            bucket: "reports", key: "k", body: Data("Hello".utf8), contentType: "text/csv")
        let request = try #require(aws.transport.requests.first)
        #expect(request.method == "PUT")
        #expect(request.headers["Content-Type"] == "text/csv")
        #expect(request.headers["x-amz-checksum-sha256"] == "GF+NsyJx/iX1Yab8k4suJkMG7DBO2lGAB9F2SCY4GWk=")
        let hash = "185f8db32271fe25f561a6fc938b2e264306ec304eda518007d1764826381969"
        #expect(request.headers["x-amz-content-sha256"] == hash)
    }

    @Test("the error in S3's XML is read")
    func errorCode() async throws {
        let body = """
            <?xml version="1.0" encoding="UTF-8"?>
            <Error><Code>NoSuchKey</Code><Message>no &quot;k&quot; &amp; &#xFC;</Message>
            <RequestId>R</RequestId></Error>
            """
        let aws = try ScriptedAWS([.json(body, status: 404)])
        let error = await #expect(throws: AWSError.self) {
            try await S3Client(aws.client).getObject(bucket: "reports", key: "k")
        }
        guard case .service(let failure) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(failure.code == "NoSuchKey")
        #expect(failure.message == "no \"k\" & ü")
        #expect(failure.requestID == "R")
    }

    @Test(
        "what is no bucket name cannot become part of a host name",
        arguments: ["a/", "a@b", "ab", "evil.com/x", "UP", ""])
    func bucketName(bucket: String) async throws {
        let aws = try ScriptedAWS([])
        await #expect(throws: AWSError.self) { try await S3Client(aws.client).getObject(bucket: bucket, key: "k") }
        await #expect(throws: AWSError.self) { try await S3Client(aws.client).getObject(bucket: "abc", key: "") }
        #expect(aws.transport.requests.isEmpty)
    }
}
