import Foundation
import TestSupport
import Testing
import Wire

@Suite("JSON writer") struct JSONWriterTests {
    @Test("objects, arrays and every kind of value, separated")
    func document() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("a")
        writer.beginArray()
        writer.integer(1)
        writer.string("x\"y")
        writer.beginObject()
        writer.endObject()
        writer.null()
        writer.endArray()
        writer.key("b\n")
        writer.boolean(true)
        writer.key("c")
        writer.raw(Bytes(utf8: "[false]"))
        writer.key("d")
        writer.base64(Bytes(utf8: "foob"))
        writer.key("e")
        let isWritten = writer.number(1.5)
        writer.endObject()
        let document = String(decoding: writer.takeBytes(), as: UTF8.self)
        #expect(isWritten)
        #expect(
            document
                == #"{"a":[1,"x\"y",{},null],"b\n":true,"c":[false],"d":"Zm9vYg==","e":1.5}"#)
        writer.beginArray()
        writer.endArray()
        let next = writer.takeBytes()
        #expect(next == Bytes(utf8: "[]"))
    }

    @Test("numbers read back as they were; what JSON cannot express is not written")
    func numbers() throws {
        for value in [
            0, -0.0, 0.1, 1e300, .leastNonzeroMagnitude, 1_545_084_650.987, .greatestFiniteMagnitude, 1e16, -2,
        ] as [Double] {
            var writer = JSONWriter()
            let isWritten = writer.number(value)
            #expect(isWritten)
            let read = try JSONDecoder().decode(Double.self, from: Data(writer.takeBytes()))
            #expect(read == value && read.sign == value.sign)
        }
        for value in [Double.infinity, -.infinity, .nan] {
            var writer = JSONWriter()
            let isWritten = writer.number(value)
            let document = writer.takeBytes()
            #expect(!isWritten && document.isEmpty)
        }
    }

    @Test("any text reads back as it was, in Foundation and here")
    func texts() throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<500 {
            let scalars = (0..<Int.random(in: 0..<40, using: &random)).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 0..<(random.oneIn(3) ? 0x11_0000 : 0x80), using: &random))
            }
            let text = String(String.UnicodeScalarView(scalars))
            let literal = JSONText.string(text)
            #expect(try JSONDecoder().decode(String.self, from: Data(literal.utf8)).utf8.elementsEqual(text.utf8))
            let document = Bytes(utf8: literal)
            let read = try document.withUnsafeBytes { memory in
                var scanner = try JSONScanner(memory)
                return try scanner.string()
            }
            #expect(read.text(in: document).utf8.elementsEqual(text.utf8))
        }
    }
}
