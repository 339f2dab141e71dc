import Wire

@testable import LambdaRuntime

/// Feeds the reader of the Runtime API's responses with libFuzzer's inputs. Run by `Tests/Fuzz/run`.
///
/// Beyond not crashing, which the address sanitizer watches: how the bytes are cut into packets changes nothing, and
/// what is accepted is what a plain reading of the whole text gives (`PlainResponse`).
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzResponseReading(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    // The first byte is the size of the packets.
    guard let step = input.first else { return 0 }
    let bytes = expanded(input.dropFirst())
    let whole = read(bytes, step: bytes.count)
    let pieces = read(bytes, step: Int(step) + 1)
    precondition(whole == pieces, "the size of the packets changes what is read")
    guard case .response(let status, let body, let identifier) = whole else { return 0 }
    let plain = PlainResponse(bytes)
    precondition(plain?.status == status, "another status")
    precondition(plain?.body == body, "another body")
    precondition(plain?.requestID == identifier, "another request id")
    return 0
}

/// What reading one response came to.
private enum Outcome: Equatable {
    case response(status: Int, body: Bytes, requestID: String?)
    case failure(ConnectionError)
}

private func read(_ bytes: [UInt8], step: Int) -> Outcome {
    var reader = ResponseReader()
    var response = Response()
    do throws(ConnectionError) {
        try reader.read(&response, from: PacketSource(bytes, step: step))
        let requestID = response.metadata.requestID
        return .response(status: response.status, body: response.body.takeBytes(), requestID: requestID)
    } catch {
        return .failure(error)
    }
}

/// The input with every `FE n x` replaced by 256·n times `x`: lines as long as the reader's limits, from a few bytes.
private func expanded(_ input: Slice<UnsafeBufferPointer<UInt8>>) -> [UInt8] {
    let maximum = 2 * ResponseReader.maximumHeadBytes
    var bytes: [UInt8] = []
    var rest = input
    while let byte = rest.popFirst(), bytes.count < maximum {
        if byte == 0xFE, let count = rest.popFirst(), let repeated = rest.popFirst() {
            bytes += repeatElement(repeated, count: 256 * Int(count))
        } else {
            bytes.append(byte)
        }
    }
    return bytes
}

/// Hands out the bytes in packets of one size, and then ends.
private final class PacketSource: ByteSource {
    private var rest: ArraySlice<UInt8>
    private let step: Int

    init(_ bytes: [UInt8], step: Int) {
        rest = bytes[...]
        self.step = step
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        precondition(!buffer.isEmpty, "a read that can receive nothing looks like the end")
        let packet = rest.prefix(min(step, buffer.count))
        buffer.copyBytes(from: packet)
        rest = rest.dropFirst(packet.count)
        return packet.count
    }
}
