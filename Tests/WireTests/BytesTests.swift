import Foundation
import Testing
import Wire

@Suite("Bytes") struct BytesTests {
    @Test("parts share the memory and count from zero")
    func parts() {
        let bytes = Bytes(utf8: "0123456789")
        let part = bytes.part(2..<7)
        #expect(Array(part) == Array("23456".utf8))
        #expect(part.startIndex == 0 && part.endIndex == 5)
        #expect(part.part(1..<3) == Bytes(utf8: "34"))
        #expect(part.firstIndex(of: UInt8(ascii: "4")) == 2)
        #expect(Array(part.reversed()) == Array("65432".utf8))
        #expect(Array(part.dropFirst(4)) == [UInt8(ascii: "6")])
        let addresses = (
            bytes.withUnsafeBytes { $0.baseAddress.map { $0 + 2 } }, part.withUnsafeBytes { $0.baseAddress }
        )
        #expect(addresses.0 == addresses.1)
    }

    @Test("the standard library's slices keep the indices of the whole")
    func standardSlices() {
        let bytes = Bytes(utf8: "0123456789")
        #expect(bytes[2..<7].startIndex == 2)
        #expect(bytes[2..<7].firstIndex(of: UInt8(ascii: "4")) == 4)
        #expect(Bytes(bytes[2..<7]) == bytes.part(2..<7) && Bytes(bytes[3..<3]).isEmpty)
        let addresses = (
            bytes.withUnsafeBytes { $0.baseAddress.map { $0 + 4 } },
            Bytes(bytes[2..<7].dropFirst(2)).withUnsafeBytes { $0.baseAddress }
        )
        #expect(addresses.0 == addresses.1, "bytes of a slice share its memory")
    }

    @Test("a part keeps its memory when the whole is gone")
    func lifetime() {
        var part = Bytes()
        do {
            let whole = Bytes((0..<100_000).map { UInt8(truncatingIfNeeded: $0) })
            part = whole.part(500..<510)
        }
        #expect(Array(part) == (500..<510).map { UInt8(truncatingIfNeeded: $0) })
    }

    @Test("equality and hash depend on the contents, not on where they are")
    func equality() {
        let bytes = Bytes(utf8: "abcabc")
        #expect(bytes.part(0..<3) == bytes.part(3..<6))
        #expect(bytes.part(0..<3).hashValue == bytes.part(3..<6).hashValue)
        #expect(bytes.part(0..<3) != bytes.part(1..<4))
        #expect(bytes.part(0..<3) != bytes.part(0..<2))
        #expect(Set([bytes.part(0..<3), bytes.part(3..<6), bytes.part(1..<4)]).count == 2)
        #expect(bytes.part(2..<2) == Bytes() && Bytes().hashValue == bytes.part(6..<6).hashValue)
    }

    @Test("bytes come from any sequence and go to any collection", arguments: [0, 1, 15, 16, 17, 5000])
    func conversions(count: Int) {
        let array = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let bytes = Bytes(array)
        #expect(Array(bytes) == array)
        #expect(Data(bytes) == Data(array))
        #expect(Bytes(Data(array)) == bytes)
        #expect(Bytes(Data([9] + array).dropFirst()) == bytes)
        #expect(Bytes(array.lazy.map { $0 }) == bytes)
        #expect(Bytes(bytes[...]) == bytes)
        #expect(bytes.count == count && bytes.isEmpty == (count == 0))
    }

    @Test("text is UTF-8")
    func text() {
        #expect(String(decoding: Bytes(utf8: "é😀"), as: UTF8.self) == "é😀")
        #expect(String(validating: Bytes(utf8: "é😀")) == "é😀")
        #expect(String(validating: [0xC3]) == nil)
        #expect(Bytes(utf8: "").isEmpty)
        let literal: Bytes = [1, 2]
        #expect(Array(literal) == [1, 2])
    }

    @Test("a description does not tell the contents")
    func description() {
        #expect("\(Bytes(utf8: "secret"))" == "6 bytes")
    }
}
