import CurlEventLoop
import Foundation
import HTTPClient
import Testing

@testable import AWSClient

/// Requests signed by botocore, written by `Fixtures/generate_sigv4_vectors.py`.
@Suite("Signature version 4 against botocore")
struct SignatureV4DifferentialTests {
    struct Vector: Decodable, Sendable, CustomTestStringConvertible {
        let name: String
        let service: String
        let region: String
        let sessionToken: String?
        let epochSeconds: Int
        let method: String
        let url: String
        let headers: [[String]]
        let bodyBase64: Data
        let canonicalRequest: String
        let authorization: String

        var testDescription: String { name }

        var request: HTTPRequest {
            HTTPRequest(
                method: method, url: url, headers: HTTPHeaders(headers.map { (name: $0[0], value: $0[1]) }),
                body: bodyBase64)
        }

        var signer: SignatureV4 {
            SignatureV4(
                credentials: AWSCredentials(
                    accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                    sessionToken: sessionToken),
                region: region, serviceName: service)
        }
    }

    static let vectors: [Vector] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/sigv4_vectors.json")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return (try? decoder.decode([Vector].self, from: Data(contentsOf: file))) ?? []
    }()

    @Test("the vectors are there")
    func vectorsAreThere() {
        #expect(Self.vectors.count >= 200)
        #expect(Set(Self.vectors.map(\.service)).contains("s3"))
    }

    @Test("canonical request and authorization are botocore's, byte for byte", arguments: vectors)
    func matches(vector: Vector) throws {
        let signed = try vector.signer.sign(
            vector.request, at: Date(timeIntervalSince1970: TimeInterval(vector.epochSeconds)))
        let location = try #require(RequestLocation(vector.url))
        let canonical = CanonicalRequest(
            method: vector.method, location: location, headers: signed.headers,
            payloadHash: String(vector.canonicalRequest.split(separator: "\n").last ?? ""),
            pathRule: vector.service == "s3" ? .asSent : .normalizedAndEncodedAgain)
        #expect(canonical.text == vector.canonicalRequest)
        #expect(signed.headers["Authorization"] == vector.authorization)
        #expect(signed.headers["X-Amz-Security-Token"] == vector.sessionToken)
    }
}
