import Foundation
import Testing
import Wire

@Suite("Bytes") struct BytesTests {
    @Test("slices share the memory and count from zero")
    func slices() {
        let bytes = Bytes(utf8: "0123456789")
        let slice = bytes[2..<7]
        #expect(Array(slice) == Array("23456".utf8))
        #expect(slice.startIndex == 0 && slice.endIndex == 5)
        #expect(slice[1..<3] == Bytes(utf8: "34"))
        #expect(slice.firstIndex(of: UInt8(ascii: "4")) == 2)
        #expect(Array(slice.reversed()) == Array("65432".utf8))
        #expect(Array(slice.dropFirst(4)) == [UInt8(ascii: "6")])
        let addresses = (
            bytes.withUnsafeBytes { $0.baseAddress.map { $0 + 2 } }, slice.withUnsafeBytes { $0.baseAddress }
        )
        #expect(addresses.0 == addresses.1)
    }

    @Test("a slice keeps its memory when the whole is gone")
    func lifetime() {
        var slice = Bytes()
        do {
            let whole = Bytes((0..<100_000).map { UInt8(truncatingIfNeeded: $0) })
            slice = whole[500..<510]
        }
        #expect(Array(slice) == (500..<510).map { UInt8(truncatingIfNeeded: $0) })
    }

    @Test("equality and hash depend on the contents, not on where they are")
    func equality() {
        let bytes = Bytes(utf8: "abcabc")
        #expect(bytes[0..<3] == bytes[3..<6])
        #expect(bytes[0..<3].hashValue == bytes[3..<6].hashValue)
        #expect(bytes[0..<3] != bytes[1..<4])
        #expect(bytes[0..<3] != bytes[0..<2])
        #expect(Set([bytes[0..<3], bytes[3..<6], bytes[1..<4]]).count == 2)
        #expect(bytes[2..<2] == Bytes() && Bytes().hashValue == bytes[6..<6].hashValue)
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
