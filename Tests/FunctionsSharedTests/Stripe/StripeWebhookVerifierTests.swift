import Cryptography
import FoundationEssentials
import FunctionsTestSupport
import Testing

@testable import FunctionsShared

@Suite("Stripe webhook signature")
struct StripeWebhookVerifierTests {
    private static let secret = "whsec_test_secret"
    private static let timestamp: Int64 = 1_492_774_577
    private static let body = Data(#"{"id":"evt_test_webhook","object":"event"}"#.utf8)
    private static let signature = "88a022085c6bdb887b02cb26ff76dd681234d9675c0f22844059f55552a8883a"

    private func verify(
        _ header: String?, body: Data = StripeWebhookVerifierTests.body,
        secrets: [String] = [StripeWebhookVerifierTests.secret], age: Double = 0
    ) -> StripeSignatureError? {
        do {
            try StripeWebhookVerifier.verify(
                header: header, body: body, secrets: secrets,
                now: Date(timeIntervalSince1970: Double(Self.timestamp) + age))
            return nil
        } catch {
            return error
        }
    }

    private var header: String { "t=\(Self.timestamp),v1=\(Self.signature)" }

    @Test("the known vector: the secret is used as text, with its prefix")
    func vector() {
        #expect(verify(header) == nil)
        #expect(StripeWebhookVerifier.header(body: Self.body, secret: Self.secret, timestamp: Self.timestamp) == header)
        #expect(verify(header, secrets: ["test_secret"]) == .noMatchingSignature)
    }

    @Test("D-06: accepted until exactly 300 seconds old, and not from further in the future")
    func tolerance() {
        #expect(verify(header, age: 300) == nil)
        #expect(verify(header, age: 300.9) == nil, "whole seconds count, as in Stripe's libraries")
        #expect(verify(header, age: 301) == .timestampOutsideTolerance)
        #expect(verify(header, age: -300) == nil)
        #expect(verify(header, age: -301) == .timestampOutsideTolerance)
    }

    @Test("D-06: while a secret is rolled, any signature with any secret is enough")
    func rotation() {
        let other = String(repeating: "0", count: 64)
        #expect(verify("t=\(Self.timestamp),v1=\(other),v1=\(Self.signature)") == nil)
        #expect(verify(header, secrets: ["whsec_old", Self.secret]) == nil)
        #expect(verify(header, secrets: ["whsec_old", "whsec_older"]) == .noMatchingSignature)
        #expect(verify(header, secrets: []) == .noMatchingSignature)
    }

    @Test("D-06: other schemes are ignored, so that nobody can choose a weaker one")
    func schemes() {
        #expect(verify("t=\(Self.timestamp),v0=\(Self.signature)") == .noSupportedScheme)
        #expect(verify("t=\(Self.timestamp),v0=abc,v1=\(Self.signature),v2=def,,x") == nil)
    }

    @Test(
        "D-06: headers without exactly one usable timestamp are refused",
        arguments: [
            nil, "", "v1=abc", "t=,v1=abc", "t=abc,v1=abc", "t=-5,v1=abc", "t=1,t=2,v1=abc",
            "t=99999999999999999999,v1=abc", "t=253402300800,v1=abc", "nonsense",
        ])
    func malformed(header: String?) {
        #expect(verify(header) == .malformedHeader)
    }

    @Test("a duplicated timestamp is refused even when one of the two is the signed one")
    func duplicatedTimestamp() {
        #expect(verify("t=\(Self.timestamp),t=1,v1=\(Self.signature)") == .malformedHeader)
    }

    @Test("the order of the checks is Stripe's: an old forgery is a forgery")
    func order() {
        let forged = "t=\(Self.timestamp),v1=" + String(repeating: "0", count: 64)
        #expect(verify(forged, age: 10_000) == .noMatchingSignature)
    }

    @Test("a header that is too long is not looked at")
    func tooLong() {
        #expect(verify(header + "," + String(repeating: "v1=a,", count: 1000)) == .malformedHeader)
    }

    @Test("upper-case hexadecimal, a truncated or an extended signature do not match")
    func nearMisses() {
        #expect(verify("t=\(Self.timestamp),v1=\(Self.signature.uppercased())") == .noMatchingSignature)
        #expect(verify("t=\(Self.timestamp),v1=\(Self.signature.dropLast())") == .noMatchingSignature)
        #expect(verify("t=\(Self.timestamp),v1=\(Self.signature)0") == .noMatchingSignature)
    }

    @Test("D-05: the raw bytes are signed, whatever they are; one changed byte breaks the signature")
    func rawBytes() {
        let bodies: [[UInt8]] = [
            Array("{\"name\":\"Zoë 😀\"}".utf8), Array("{\r\n\t\"a\": 1\r\n}\n".utf8), [0xFF, 0xFE, 0x00, 0x80, 0xC0],
            [], Array("\u{FEFF}{}".utf8),
        ]
        for bytes in bodies {
            let body = Data(bytes)
            let header = StripeWebhookVerifier.header(body: body, secret: Self.secret, timestamp: Self.timestamp)
            #expect(verify(header, body: body) == nil)
            #expect(verify(header, body: body + [0x0A]) == .noMatchingSignature)
        }
    }
}
