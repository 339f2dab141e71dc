import Cryptography
import Testing

@Suite("HMAC")
struct HMACTests {
    /// One test case of RFC 4231.
    struct Vector: Sendable {
        let key: [UInt8]
        let message: [UInt8]
        let expected: String
    }

    static let vectors = [
        Vector(
            key: [UInt8](repeating: 0x0B, count: 20), message: Array("Hi There".utf8),
            expected: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        Vector(
            key: Array("Jefe".utf8), message: Array("what do ya want for nothing?".utf8),
            expected: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        Vector(
            key: [UInt8](repeating: 0xAA, count: 20), message: [UInt8](repeating: 0xDD, count: 50),
            expected: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        Vector(
            key: [UInt8](repeating: 0xAA, count: 131),
            message: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            expected: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
    ]

    @Test("SHA-256 of RFC 4231", arguments: vectors)
    func rfc4231(vector: Vector) {
        #expect(HMAC.sha256Hex(key: vector.key, message: vector.message) == vector.expected)
        #expect(Hex.encode(HMAC.sha256(key: vector.key, message: vector.message)) == vector.expected)
    }

    @Test("an empty key and an empty message are a key and a message")
    func emptyKeyAndMessage() {
        // The value Python's hmac gives; a second call proves that an empty key is not "the key used before".
        let expected = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
        _ = HMAC.sha256(key: Array("another key".utf8), message: [])
        #expect(HMAC.sha256Hex(key: [], message: []) == expected)
    }
}
