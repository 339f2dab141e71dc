import FoundationEssentials
import Testing

@testable import FunctionsShared

@Suite("Stripe form body")
struct StripeFormBodyTests {
    private func encode(_ fields: [(String, String?)]) -> String {
        var body = StripeFormBody()
        for (name, value) in fields { body.add(name, value) }
        return String(decoding: body.encoded(), as: UTF8.self)
    }

    @Test("fields keep their order; absent values are left out, empty ones are not")
    func order() {
        #expect(encode([("b", "1"), ("a", "2"), ("c", nil), ("d", "")]) == "b=1&a=2&d=")
    }

    @Test("everything but unreserved characters is escaped")
    func escaping() {
        #expect(encode([("metadata[charge_id]", "ch_1")]) == "metadata%5Bcharge_id%5D=ch_1")
        #expect(encode([("d", "a b+c&d=e%f")]) == "d=a%20b%2Bc%26d%3De%25f")
        #expect(encode([("d", "é€😀\n")]) == "d=%C3%A9%E2%82%AC%F0%9F%98%80%0A")
    }

    @Test("no fields are no bytes")
    func empty() {
        #expect(encode([]).isEmpty)
    }
}
