import CurlEventLoop
import Foundation
import HTTPClient
import Testing

@testable import LocalEmulator

@Suite struct S3ServiceTests {
    let service = S3Service(account: "123456789012", region: "eu-central-1", now: { 1_762_164_000_000 })

    init() { service.createBucket("reports") }

    private func send(
        _ method: String, _ target: String, headers: HTTPHeaders = [:], body: Data = Data()
    ) throws -> (status: Int, headers: HTTPHeaders, body: Data) {
        let response = service.handle(HTTPServerRequest(method: method, target: target, headers: headers, body: body))
        guard case .reply(let status, let headers, let body) = response else {
            Issue.record("the service did not reply")
            return (0, [:], Data())
        }
        return (status, headers, body)
    }

    @Test func `a chunked body is put together and its trailers dropped`() throws {
        let body = "5;chunk-signature=00\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n"
        let headers: HTTPHeaders = [
            "Content-Encoding": "gzip,aws-chunked", "x-amz-decoded-content-length": "11",
            "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        ]
        #expect(try send("PUT", "/reports/a.txt", headers: headers, body: Data(body.utf8)).status == 200)
        #expect(service.object(bucket: "reports", key: "a.txt") == Data("hello world".utf8))
        #expect(try send("GET", "/reports/a.txt").headers["Content-Encoding"] == "gzip")
    }

    @Test(arguments: [
        "", "5\r\nhel", "5\r\nhelloX\r\n0\r\n\r\n", "zz\r\n", "-5\r\nhello\r\n", "5\r\nhello\r\n",
        "ffffffffffffffff\r\n",
    ])
    func `a broken chunked body is refused`(body: String) throws {
        let headers: HTTPHeaders = ["Content-Encoding": "aws-chunked"]
        let answer = try send("PUT", "/reports/a.txt", headers: headers, body: Data(body.utf8))
        #expect(answer.status == 400)
        #expect(String(decoding: answer.body, as: UTF8.self).contains("aws-chunked"))
        #expect(service.keys(bucket: "reports").isEmpty)
    }

    @Test func `a body shorter than announced is refused`() throws {
        let headers: HTTPHeaders = ["Content-Encoding": "aws-chunked", "x-amz-decoded-content-length": "9"]
        let answer = try send("PUT", "/reports/a.txt", headers: headers, body: Data("5\r\nhello\r\n0\r\n\r\n".utf8))
        #expect(String(decoding: answer.body, as: UTF8.self).contains("<Code>IncompleteBody</Code>"))
    }

    @Test func `a wrong Content-MD5 is refused`() throws {
        let answer = try send(
            "PUT", "/reports/a.txt", headers: ["Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="], body: Data("x".utf8))
        #expect(String(decoding: answer.body, as: UTF8.self).contains("<Code>BadDigest</Code>"))
    }

    @Test func `keys may hold slashes and any character`() throws {
        #expect(try send("PUT", "/reports/a//b%20c%2B%C3%BC", body: Data("x".utf8)).status == 200)
        #expect(service.keys(bucket: "reports") == ["a//b c+ü"])
    }

    @Test func `dates are those of HTTP and of listings`() throws {
        service.putObject(bucket: "reports", key: "a", data: Data())
        #expect(try send("GET", "/reports/a").headers["Last-Modified"] == "Mon, 03 Nov 2025 10:00:00 GMT")
        let listing = String(decoding: try send("GET", "/reports?list-type=2").body, as: UTF8.self)
        #expect(listing.contains("<LastModified>2025-11-03T10:00:00.000Z</LastModified>"))
    }

    @Test(arguments: ["?uploads", "?acl", "?versioning", "?tagging"])
    func `what is not offered is refused by name`(query: String) throws {
        let answer = try send("GET", "/reports\(query)")
        #expect(answer.status == 501)
        #expect(String(decoding: answer.body, as: UTF8.self).contains("'\(query)'"))
    }

    @Test func `a method that makes no sense is refused`() throws {
        #expect(try send("PATCH", "/reports/a").status == 405)
        #expect(try send("POST", "/reports").status == 405)
        #expect(try send("DELETE", "/").status == 405)
    }
}
