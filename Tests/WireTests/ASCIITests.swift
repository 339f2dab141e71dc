import Testing
import Wire

@Suite("ASCII") struct ASCIITests {
    @Test("only the capital letters have another lower case")
    func lowercased() {
        for byte in UInt8.min...UInt8.max {
            let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            #expect(ASCII.lowercased(byte) == (isCapital ? byte + 32 : byte))
        }
    }

    @Test(
        "texts are compared without regard to the case of ASCII letters alone",
        arguments: [
            ("", "", true), ("Content-Type", "cONTENT-tYPE", true), ("a", "ab", false), ("ab", "a", false),
            ("@", "`", false), ("[", "{", false), ("É", "é", false), ("\u{212A}", "k", false), ("x", "y", false),
        ])
    func equality(left: String, right: String, isEqual: Bool) {
        #expect(ASCII.equalIgnoringCase(left.utf8, right.utf8) == isEqual)
        #expect(ASCII.equalIgnoringCase(Bytes(utf8: left), Bytes(utf8: right)) == isEqual)
    }
}
