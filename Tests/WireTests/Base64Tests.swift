import Foundation
import TestSupport
import Testing
import Wire

@Suite("Base64") struct Base64Tests {
    @Test(
        "the vectors of RFC 4648, section 10",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ])
    func vectors(plain: String, encoded: String) {
        #expect(Base64.encode(Bytes(utf8: plain)) == encoded)
        #expect(Base64.decode(encoded) == Bytes(utf8: plain))
        #expect(Base64.decode(Bytes(utf8: encoded)) == Bytes(utf8: plain))
    }

    @Test("every length and byte, against Foundation")
    func everyLength() {
        for count in 0..<600 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 131 &+ count) }
            let text = Data(bytes).base64EncodedString()
            #expect(Base64.encode(Bytes(bytes)) == text)
            #expect(Base64.decode(text).map(Array.init) == bytes)
        }
    }

    @Test(
        "what is no base64 is refused: white space, other alphabets, missing or misplaced padding",
        arguments: [
            "Zg", "Zg=", "Z", "Z===", "Zg==Zg==", "Zm9v\n", "Zm 9", "Zm9vZm9v\nZm9v", "-_-_", "Zm9=Zm9v", "=",
            "Zm9vZ", "Zm9vZm9vZm9vZm9*", "Zm9vZm9*Zm9vZm9v", "é==",
        ])
    func refused(text: String) {
        #expect(Base64.decode(text) == nil)
        #expect(Data(base64Encoded: text) == nil)
    }

    @Test(
        "padding in excess or out of place, which Foundation lets pass, is refused",
        arguments: ["====", "Zg===", "Zm=v"])
    func strangePadding(text: String) {
        #expect(Base64.decode(text) == nil)
        #expect(Data(base64Encoded: text) != nil)
    }

    @Test("bits of the last digit that stand for nothing are ignored, as Foundation does", arguments: ["Zh==", "Zm9="])
    func danglingBits(text: String) {
        let expected = Data(base64Encoded: text).map { Bytes($0) }
        #expect(Base64.decode(text) == expected)
        #expect(expected != nil)
    }

    @Test("one wrong byte anywhere is found")
    func wrongBytes() {
        var random = SeededGenerator(seed: 1)
        let text = Array(Data((0..<60).map { UInt8($0) }).base64EncodedString().utf8)
        for position in text.indices {
            var wrong = text
            wrong[position] = UInt8.random(in: 128...255, using: &random)
            #expect(Base64.decode(Bytes(wrong)) == nil)
            wrong[position] = UInt8.random(in: 0..<32, using: &random)
            #expect(Base64.decode(Bytes(wrong)) == nil)
        }
    }
}
