import Cryptography
import Testing

@Suite("Hex")
struct HexTests {
    @Test("encodes lower case, decodes both cases")
    func bothCases() {
        #expect(Hex.encode([0x00, 0x0F, 0xA5, 0xFF]) == "000fa5ff")
        #expect(Hex.decode("000fA5Ff") == [0x00, 0x0F, 0xA5, 0xFF])
        #expect(Hex.decode("") == [])
    }

    @Test("refuses what is not hexadecimal", arguments: ["0", "0g", "zz", " 0", "0x10", "é0"])
    func refuses(text: String) {
        #expect(Hex.decode(text) == nil)
    }

    @Test("every byte survives a round trip")
    func roundTrip() {
        let all = (0...255).map { UInt8($0) }
        #expect(Hex.decode(Hex.encode(all)) == all)
    }
}
