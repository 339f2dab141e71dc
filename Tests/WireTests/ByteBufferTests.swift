import Testing
import Wire

@Suite("Byte buffer") struct ByteBufferTests {
    private func address(_ bytes: Bytes) -> UnsafeRawPointer? { bytes.withUnsafeBytes { $0.baseAddress } }

    private func append(_ text: String, to buffer: inout ByteBuffer) {
        Bytes(utf8: text).withUnsafeBytes { buffer.append($0) }
    }

    @Test("pieces come out as one, in order, and the buffer is empty then")
    func pieces() {
        var buffer = ByteBuffer()
        let nothing = buffer.takeBytes()
        #expect(nothing.isEmpty)
        for _ in 0..<10_000 { append("piece ", to: &buffer) }
        buffer.append(UInt8(ascii: "!"))
        let count = buffer.count
        #expect(count == 60_001)
        let bytes = buffer.takeBytes()
        #expect(String(decoding: bytes, as: UTF8.self) == String(repeating: "piece ", count: 10_000) + "!")
        let (isEmpty, rest) = (buffer.isEmpty, buffer.takeBytes())
        #expect(isEmpty && rest.isEmpty)
    }

    @Test("the memory is used again once nobody holds what was taken")
    func reuse() {
        var buffer = ByteBuffer()
        append("first", to: &buffer)
        var taken = buffer.takeBytes()
        let first = address(taken)
        taken = Bytes()
        append("second", to: &buffer)
        taken = buffer.takeBytes()
        #expect(address(taken) == first)
        #expect(taken == Bytes(utf8: "second"))
    }

    @Test("what was taken never changes, also when only a slice of it is held")
    func independence() {
        var buffer = ByteBuffer()
        append("first", to: &buffer)
        let slice = buffer.takeBytes().part(1..<3)
        append("SECOND", to: &buffer)
        #expect(slice == Bytes(utf8: "ir"))
        let second = buffer.takeBytes()
        #expect(second == Bytes(utf8: "SECOND"))
        append("x", to: &buffer)
        #expect(slice == Bytes(utf8: "ir"))
    }

    @Test("a reserved message does not move while it arrives")
    func reserve() {
        var buffer = ByteBuffer()
        buffer.reserve(100_000)
        append("x", to: &buffer)
        let start = buffer.withUnsafeBytes { $0.baseAddress }
        for _ in 1..<100_000 { buffer.append(UInt8(ascii: "x")) }
        buffer.reserve(10)
        let message = buffer.takeBytes()
        #expect(address(message) == start)
        #expect(message.count == 100_000)
    }

    @Test("a cleared buffer starts anew in the same memory")
    func clear() {
        var buffer = ByteBuffer(capacity: 100)
        append("to be forgotten", to: &buffer)
        let start = buffer.withUnsafeBytes { $0.baseAddress }
        buffer.removeAll()
        append("kept", to: &buffer)
        let kept = buffer.takeBytes()
        #expect(address(kept) == start)
        #expect(kept == Bytes(utf8: "kept"))
    }

    @Test("every kind of content is appended as it is")
    func kinds() {
        var buffer = ByteBuffer()
        buffer.append("literal ")
        buffer.append(utf8: "text é ")
        buffer.append(Bytes(utf8: "bytes "))
        buffer.append(count: 10) { memory in
            memory.copyBytes(from: "in place".utf8)
            return 8
        }
        let all = buffer.takeBytes()
        #expect(String(decoding: all, as: UTF8.self) == "literal text é bytes in place")
    }
}
