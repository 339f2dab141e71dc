import Cryptography
import Domain
import FoundationEssentials
import FunctionsShared
import FunctionsTestSupport
import Testing

@Suite("Request fingerprint")
struct RequestFingerprintTests {
    private func fingerprint(
        _ body: String, merchant: MerchantID = Fixture.merchantID, method: String = "POST",
        path: String = "/v1/charges", secret: String = #"{"key":"k1"}"#
    ) async throws -> String {
        try await RequestFingerprint(secrets: ScriptedSecrets(secret), secretID: "fingerprint").of(
            merchantID: merchant, method: method, path: path,
            body: try #require(JSON(parsing: Data(body.utf8))))
    }

    @Test("order, white space and the writing of numbers do not matter")
    func canonical() async throws {
        let reference = try await fingerprint(#"{"amount":1999,"currency":"EUR"}"#)
        #expect(try await fingerprint(#"{ "currency" : "EUR", "amount" : 1999 }"#) == reference)
        #expect(try await fingerprint(#"{"amount":1999.0,"currency":"\u0045UR"}"#) == reference)
    }

    @Test("every part of the request matters")
    func everyPart() async throws {
        let body = #"{"amount":1999}"#
        let all = [
            try await fingerprint(body), try await fingerprint(#"{"amount":2000}"#),
            try await fingerprint(#"{"amount":"1999"}"#),
            try await fingerprint(body, merchant: Fixture.otherMerchantID),
            try await fingerprint(body, method: "PUT"), try await fingerprint(body, path: "/v1/refunds"),
            try await fingerprint(#"{"amount":1999,"x":null}"#),
        ]
        #expect(Set(all).count == all.count)
    }

    @Test("parts cannot be shifted into each other")
    func partsAreSeparate() async throws {
        let one = try await fingerprint("{}", method: "POST", path: "/a")
        #expect(try await fingerprint("{}", method: "POST/", path: "a") != one)
    }

    @Test("D-15: without the key nobody can find out by trying what a body was")
    func keyed() async throws {
        let first = try await fingerprint("{}")
        #expect(try await fingerprint("{}", secret: #"{"key":"k2"}"#) != first)
        #expect(try await fingerprint("{}", secret: #"{"key":"k1","more":1}"#) == first)
        var message: [UInt8] = []
        for part in ["mer_1", "POST", "/v1/charges", "{}"] {
            message += [0, 0, 0, 0, 0, 0, 0, UInt8(part.utf8.count)] + Array(part.utf8)
        }
        #expect(first == HMAC.sha256Hex(key: Array("k1".utf8), message: message))
    }

    @Test(
        "a secret without a key makes no fingerprint, and the error shows nothing of it",
        arguments: ["", "plain-text", "{}", #"{"key":""}"#, #"{"key":7}"#, #"{"api_key":"sk_live_9"}"#])
    func noKey(secret: String) async throws {
        do {
            _ = try await fingerprint("{}", secret: secret)
            Issue.record("there is no key")
        } catch let error as SecretError {
            #expect(error.detail == "secret fingerprint must be an object with a key that is not empty")
        }
    }
}
