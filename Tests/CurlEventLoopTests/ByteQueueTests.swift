import Testing
import Wire

@testable import CurlEventLoop

@Suite("ByteQueue") struct ByteQueueTests {
    private func read(_ queue: inout ByteQueue, _ count: Int) -> [UInt8] {
        var target = [UInt8](repeating: 0, count: count)
        let read = target.withUnsafeMutableBytes { queue.read(into: $0) }
        return Array(target.prefix(read))
    }

    @Test("what goes in comes out in order, whatever the sizes of pieces and reads", arguments: 1...7)
    func order(size: Int) {
        var queue = ByteQueue()
        let bytes = (0..<100).map { UInt8($0) }
        for (number, start) in stride(from: 0, to: 100, by: 4).enumerated() {
            queue.append(Bytes(bytes[start..<start + 4]))
            if number % 3 == 0 { queue.append(Bytes()) }
        }
        var result: [UInt8] = []
        while !queue.isEmpty { result += read(&queue, size) }
        #expect(result == bytes)
        #expect(queue.unsentBytes == 0)
        #expect(queue.keptBytes == 0)
        #expect(read(&queue, size).isEmpty)
    }

    @Test("a queue that is never empty keeps only what is not sent")
    func kept() {
        var queue = ByteQueue()
        queue.append(Bytes(repeatElement(1, count: 50)))
        var most = 0
        for _ in 0..<1_000 {
            queue.append(Bytes(repeatElement(2, count: 100)))
            #expect(read(&queue, 100).count == 100)
            #expect(!queue.isEmpty)
            most = max(most, queue.keptBytes)
        }
        #expect(most <= 200)
    }

    @Test("many small pieces count for more than their bytes")
    func overhead() {
        var queue = ByteQueue()
        for _ in 0..<10 { queue.append([0]) }
        #expect(queue.unsentBytes == 10 * (1 + ByteQueue.pieceOverheadBytes))
    }
}
