import FunctionsShared
import Testing

@Suite("IP addresses")
struct IPAddressTests {
    @Test(
        "every writing of an address has one canonical form",
        arguments: [
            ("192.0.2.1", "192.0.2.1"), ("::1", "::1"), ("2001:db8::1", "2001:db8::1"),
            ("2001:0db8:0:0::1", "2001:db8::1"), ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
            ("::ffff:192.0.2.1", "192.0.2.1"), ("::FFFF:c000:0201", "192.0.2.1"), ("::", "::"),
            ("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ])
    func canonical(text: String, expected: String) {
        #expect(IPAddress(text)?.text == expected)
    }

    @Test(
        "what is no address is none",
        arguments: [
            "", "zzzz", "1", "192.0.2", "192.0.2.256", "192.0.2.1.5", "1.2.3.4 ", " 1.2.3.4", "0x7f.0.0.1", ":::",
            "2001:db8", "fe80::1%eth0", "[::1]", "192.0.2.1:443", "192.0.2.0/24", "192.0.2.1\u{0}x", "１.2.3.4",
        ])
    func refused(text: String) {
        #expect(IPAddress(text) == nil)
    }
}
