import Cryptography
import Foundation
import Testing

@Suite("Digests")
struct DigestTests {
    /// FIPS 180-4 example values (NIST "SHA_All.pdf") and the empty message.
    @Test(
        "SHA-256 of the published examples",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                String(repeating: "a", count: 1_000_000),
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
            ),
        ])
    func sha256(text: String, expected: String) {
        #expect(SHA256.hexDigest(text.utf8) == expected)
    }

    /// RFC 1321, appendix A.5.
    @Test(
        "MD5 of the published examples",
        arguments: [
            ("", "d41d8cd98f00b204e9800998ecf8427e"),
            ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
            ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
        ])
    func md5(text: String, expected: String) {
        #expect(MD5.hexDigest(text.utf8) == expected)
    }

    @Test("every kind of byte sequence gives the same digest")
    func sequenceKinds() {
        let bytes = Array("event-sourced".utf8)
        let expected = SHA256.digest(bytes)
        #expect(expected.count == SHA256.byteCount)
        #expect(SHA256.digest(Data(bytes)) == expected)
        #expect(SHA256.digest(([0] + bytes).dropFirst()) == expected)
        #expect(SHA256.digest("event-sourced".utf8) == expected)
        // A lazy sequence has no contiguous storage and takes the copying path.
        #expect(SHA256.digest(bytes.lazy.map { $0 }) == expected)
    }
}
