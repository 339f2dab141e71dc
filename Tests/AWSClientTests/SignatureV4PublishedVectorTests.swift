import CurlEventLoop
import Foundation
import HTTPClient
import Testing

@testable import AWSClient

/// Signatures that AWS itself has published.
@Suite("Signature version 4 against AWS's published vectors")
struct SignatureV4PublishedVectorTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        let name: String
        var method = "GET"
        let target: String
        var headers: HTTPHeaders = [:]
        var body: String?
        let signature: String

        var testDescription: String { name }
    }

    /// AWS's signature version 4 test suite (`aws-sig-v4-test-suite`): one host, one moment, one service.
    static let suite = [
        Vector(
            name: "get-vanilla", target: "/",
            signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        Vector(
            name: "get-relative", target: "/example/..",
            signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        Vector(
            name: "get-slash-dot-slash", target: "/./",
            signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        Vector(
            name: "get-utf8", target: "/ሴ",
            signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
        Vector(
            name: "get-space", target: "/example space/",
            signature: "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"),
        Vector(
            name: "get-unreserved",
            target: "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            signature: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"),
        Vector(
            name: "get-vanilla-query-order-key-case", target: "/?Param2=value2&Param1=value1",
            signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
        Vector(
            name: "get-vanilla-utf8-query", target: "/?ሴ=bar",
            signature: "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"),
        Vector(
            name: "get-header-key-duplicate", target: "/",
            headers: HTTPHeaders([("My-Header1", "value2"), ("My-Header1", "value2"), ("My-Header1", "value1")]),
            signature: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"),
        Vector(
            name: "get-header-value-trim", target: "/",
            headers: ["My-Header1": " value1", "My-Header2": " \"a   b   c\""],
            signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
        Vector(
            name: "post-vanilla", method: "POST", target: "/",
            signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        Vector(
            name: "post-x-www-form-urlencoded", method: "POST", target: "/",
            headers: ["Content-Type": "application/x-www-form-urlencoded"], body: "Param1=value1",
            signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"),
    ]

    @Test("the test suite's cases", arguments: suite)
    func testSuite(vector: Vector) throws {
        let signer = SignatureV4(
            credentials: AWSCredentials(
                accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            region: "us-east-1", serviceName: "service")
        let signed = try signer.sign(
            request(vector, host: "example.amazonaws.com"), at: Date(timeIntervalSince1970: 1_440_938_160))
        #expect(signed.headers["X-Amz-Date"] == "20150830T123600Z")
        #expect(signature(of: signed) == vector.signature)
    }

    /// Amazon S3 API Reference, "Authenticating Requests: Using the Authorization Header", examples.
    static let s3Examples = [
        Vector(
            name: "GET object", target: "/test.txt", headers: ["Range": "bytes=0-9"],
            signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        Vector(
            name: "PUT object", method: "PUT", target: "/test%24file.text",
            headers: ["Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"],
            body: "Welcome to Amazon S3.",
            signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
        Vector(
            name: "GET bucket lifecycle", target: "/?lifecycle",
            signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        Vector(
            name: "GET bucket (list objects)", target: "/?max-keys=2&prefix=J",
            signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ]

    @Test("the S3 documentation's examples", arguments: s3Examples)
    func s3Documentation(vector: Vector) throws {
        let signer = SignatureV4(
            credentials: AWSCredentials(
                accessKeyID: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            region: "us-east-1", serviceName: "s3")
        let signed = try signer.sign(
            request(vector, host: "examplebucket.s3.amazonaws.com"), at: Date(timeIntervalSince1970: 1_369_353_600))
        #expect(signature(of: signed) == vector.signature)
    }

    @Test("the IAM documentation's ListUsers example")
    func iamDocumentation() throws {
        let signer = SignatureV4(
            credentials: AWSCredentials(
                accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            region: "us-east-1", serviceName: "iam")
        let request = HTTPRequest(
            url: "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
            headers: ["Content-Type": "application/x-www-form-urlencoded; charset=utf-8"])
        let signed = try signer.sign(request, at: Date(timeIntervalSince1970: 1_440_938_160))
        let expected = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        #expect(signature(of: signed) == expected)
    }

    @Test("signing again replaces the earlier signature")
    func signingAgain() throws {
        let signer = SignatureV4(
            credentials: AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "secret", sessionToken: "token"),
            region: "us-east-1", serviceName: "s3")
        let request = HTTPRequest(method: "PUT", url: "https://bucket.example/key", body: Data("body".utf8))
        let later = Date(timeIntervalSince1970: 1_440_938_161)
        let first = try signer.sign(request, at: Date(timeIntervalSince1970: 1_440_938_160))
        #expect(try signer.sign(first, at: later).headers == signer.sign(request, at: later).headers)
    }

    @Test(
        "what is not an absolute URL cannot be signed",
        arguments: ["", "/path", "ftp://host/", "https://", "http://u@h/"])
    func refusesURL(url: String) {
        let signer = SignatureV4(
            credentials: AWSCredentials(accessKeyID: "A", secretAccessKey: "B"), region: "us-east-1",
            serviceName: "sqs")
        #expect(throws: AWSError.self) { try signer.sign(HTTPRequest(url: url), at: Date()) }
    }

    private func request(_ vector: Vector, host: String) -> HTTPRequest {
        HTTPRequest(
            method: vector.method, url: "https://\(host)\(vector.target)", headers: vector.headers,
            body: vector.body.map { Data($0.utf8) })
    }

    private func signature(of request: HTTPRequest) -> String? {
        request.headers["Authorization"]?.components(separatedBy: "Signature=").last
    }
}
