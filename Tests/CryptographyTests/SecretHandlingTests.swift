import Cryptography
import Testing

@Suite("Secrets")
struct SecretHandlingTests {
    @Test("equal byte strings are equal, one changed bit or another length is not")
    func constantTimeEqual() {
        let secret = Array("whsec_0123456789".utf8)
        #expect(ConstantTime.equal(secret, secret))
        #expect(ConstantTime.equal([], []))
        #expect(ConstantTime.equal("token".utf8, Array("token".utf8)))
        for index in secret.indices {
            var changed = secret
            changed[index] ^= 1
            #expect(!ConstantTime.equal(secret, changed))
        }
        #expect(!ConstantTime.equal(secret, secret.dropLast()))
        #expect(!ConstantTime.equal(secret, []))
    }

    @Test("random bytes have the length asked for and do not repeat")
    func randomBytes() {
        #expect(SecureRandom.bytes(0).isEmpty)
        #expect(SecureRandom.bytes(33).count == 33)
        let drawn = Set((0..<1_000).map { _ in SecureRandom.bytes(16) })
        #expect(drawn.count == 1_000)
    }
}
