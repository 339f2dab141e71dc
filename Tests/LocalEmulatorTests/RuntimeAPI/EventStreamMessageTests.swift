import Cryptography
import Foundation
import Testing

@testable import LocalEmulator

@Suite("Messages of an event stream") struct EventStreamMessageTests {
    @Test("a message has the bytes that botocore's parser takes for the same content")
    func bytes() {
        let message = EventStreamMessage(headers: [(":event-type", "x")], payload: Data("hi".utf8)).encoded()
        #expect(
            Hex.encode(Array(message))
                == "0000002200000010c394b3690b3a6576656e742d747970650700017868698baa8f12")
    }

    @Test("the checksum is CRC-32")
    func checksum() {
        #expect(CRC32.checksum(Data("123456789".utf8)) == 0xCBF4_3926, "the check value of the algorithm")
        #expect(CRC32.checksum(Data()) == 0)
    }

    @Test("a large response travels in several chunks, in order, and the end says how it went")
    func chunks() {
        let payload = Data((0..<(ResponseStreamEvents.chunkBytes + 1)).map { UInt8(truncatingIfNeeded: $0) })
        let events = ResponseStreamEvents.encoded(InvocationResult(requestID: "r", payload: payload))
        let first = EventStreamMessage.event(
            "PayloadChunk", contentType: "application/octet-stream",
            payload: payload.prefix(ResponseStreamEvents.chunkBytes))
        #expect(events.starts(with: first.encoded()))
        let end = EventStreamMessage.event("InvokeComplete", contentType: "application/json", payload: Data("{}".utf8))
        #expect(events.suffix(end.encoded().count) == end.encoded())
    }
}
