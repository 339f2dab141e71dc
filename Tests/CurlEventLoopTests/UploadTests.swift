import Testing
import Wire

@testable import CurlEventLoop

@Suite("Upload", .timeLimit(.minutes(1))) struct UploadTests {
    private static let pieceBytes = 16 * 1024

    private func piece(_ value: UInt8 = 0) -> Bytes { Bytes(repeatElement(value, count: Self.pieceBytes)) }

    /// What libcurl would be given, for a buffer of this size.
    private func read(_ upload: Upload, _ count: Int) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: count)
        return buffer.withUnsafeMutableBytes { upload.read(into: $0) }.map { Array(buffer.prefix($0)) }
    }

    /// Lets other tasks go on until something is so.
    private func until(_ condition: () -> Bool) async {
        while !condition() { await Task.yield() }
    }

    @Test("a body has a next part, none yet, or an end")
    func reading() async {
        let upload = Upload()
        #expect(read(upload, 10) == nil)
        #expect(await upload.write([1, 2, 3]))
        #expect(read(upload, 2) == [1, 2])
        #expect(read(upload, 2) == [3])
        #expect(read(upload, 2) == nil)
        upload.finish()
        #expect(read(upload, 2) == [])
    }

    @Test("what was written before the end is sent before the end")
    func remainder() async {
        let upload = Upload()
        #expect(await upload.write([1]))
        upload.finish()
        #expect(read(upload, 2) == [1])
        #expect(read(upload, 2) == [])
    }

    @Test("a reader that never catches up costs no more memory than one that does")
    func slowReader() async {
        let upload = Upload()
        let count = 500
        async let writer: Void = { for _ in 0..<count { _ = await upload.write(piece()) } }()
        var most = 0
        var total = 0
        while total < count * Self.pieceBytes {
            // Never all of it, as long as the writer goes on.
            await until { upload.waitingWriters == 1 || total + upload.keptBytes >= count * Self.pieceBytes }
            most = max(most, upload.keptBytes)
            total += read(upload, Self.pieceBytes / 2)?.count ?? 0
        }
        await writer
        #expect(total == count * Self.pieceBytes)
        #expect(most <= Upload.highWaterBytes + 2 * Self.pieceBytes)
    }

    @Test("several writers all get their pieces through, whole")
    func writers() async {
        let upload = Upload()
        let count = 40
        async let written = withTaskGroup(of: Bool.self) { group in
            for writer in 1...4 {
                group.addTask {
                    for _ in 0..<count where await !upload.write(piece(UInt8(writer))) { return false }
                    return true
                }
            }
            return await group.reduce(true) { $0 && $1 }
        }
        await until { upload.waitingWriters == 4 }
        var received: [UInt8] = []
        while received.count < 4 * count * Self.pieceBytes {
            guard let part = read(upload, 50_000) else {
                await Task.yield()
                continue
            }
            received += part
        }
        #expect(await written)
        let pieces = stride(from: 0, to: received.count, by: Self.pieceBytes).map {
            Set(received[$0..<$0 + Self.pieceBytes])
        }
        #expect(pieces.allSatisfy { $0.count == 1 })
        for writer in 1...4 { #expect(pieces.count { $0 == [UInt8(writer)] } == count) }
    }

    @Test("nothing is taken after the end, nor after the transfer's", arguments: [true, false])
    func closed(isFinished: Bool) async {
        let upload = Upload()
        if isFinished { upload.finish() } else { upload.detach() }
        #expect(await !upload.write([1]))
        #expect(await !upload.write([]))
        #expect(upload.keptBytes == 0)
    }

    @Test("who waits is refused when the body or the transfer ends", arguments: [true, false])
    func waiting(isFinished: Bool) async {
        let upload = Upload()
        async let refused = withTaskGroup(of: Bool.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    while await upload.write(piece()) {}
                    return true
                }
            }
            return await group.reduce(true) { $0 && $1 }
        }
        await until { upload.waitingWriters == 3 }
        if isFinished { upload.finish() } else { upload.detach() }
        #expect(await refused)
    }

    @Test("a paused transfer is resumed once for what came, and not for nothing")
    func resumption() async {
        let upload = Upload()
        let resumptions = Counter()
        upload.resumeTransfer { resumptions.increase() }
        #expect(await upload.write([1]))
        #expect(resumptions.value == 0)
        #expect(read(upload, 10) == [1])
        #expect(read(upload, 10) == nil)
        #expect(await upload.write([]))
        #expect(resumptions.value == 0)
        #expect(await upload.write([2]))
        #expect(await upload.write([3]))
        #expect(resumptions.value == 1)
        #expect(read(upload, 10) == [2, 3])
        #expect(read(upload, 10) == nil)
        upload.finish()
        #expect(resumptions.value == 2)
    }
}
