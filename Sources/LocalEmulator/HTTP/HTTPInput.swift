import Foundation

/// Why a peer's bytes cannot be read on.
enum HTTPInputError: Error {
    /// The peer closed the connection, or sends no more.
    case closed
    /// A line is longer than it may be.
    case lineTooLong
    /// A line does not end with CR LF.
    case malformedLine
}

/// The bytes a peer sends, read through one buffer.
struct HTTPInput {
    /// How much is asked of the kernel at once.
    private static let readBytes = 64 * 1024

    private let descriptor: Int32
    private var buffer = [UInt8](repeating: 0, count: Self.readBytes)
    /// The unread bytes are `buffer[start..<end]`.
    private var start = 0
    private var end = 0

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Reads up to the next CR LF, which is left out.
    ///
    /// - Parameter limit: most bytes the line may have.
    mutating func readLine(limit: Int) throws(HTTPInputError) -> String {
        var searched = 0
        while true {
            if let newline = buffer[(start + searched)..<end].firstIndex(of: UInt8(ascii: "\n")) {
                guard newline - start <= limit + 1 else { throw .lineTooLong }
                guard newline > start, buffer[newline - 1] == UInt8(ascii: "\r") else { throw .malformedLine }
                defer { start = newline + 1 }
                return String(decoding: buffer[start..<(newline - 1)], as: UTF8.self)
            }
            searched = end - start
            guard searched <= limit + 1 else { throw .lineTooLong }
            guard fill() else { throw .closed }
        }
    }

    /// Appends the next `count` bytes to `body`.
    ///
    /// - Returns: `false` when the peer sends no more; what came was appended.
    mutating func read(_ count: Int, appendingTo body: inout Data) -> Bool {
        var missing = count
        while missing > 0 {
            guard start < end || fill() else { return false }
            let part = min(missing, end - start)
            body.append(contentsOf: buffer[start..<(start + part)])
            start += part
            missing -= part
        }
        return true
    }

    /// Reads the next `count` bytes and forgets them; `false` when the peer sends no more.
    mutating func skip(_ count: Int) -> Bool {
        var missing = count
        while missing > 0 {
            guard start < end || fill() else { return false }
            let part = min(missing, end - start)
            start += part
            missing -= part
        }
        return true
    }

    /// Reads until the peer closes.
    mutating func skipToEnd() {
        repeat { start = end } while fill()
    }

    /// Takes in what is there, waiting for something; `false` at the end of the stream.
    private mutating func fill() -> Bool {
        if start > 0 {
            buffer.withUnsafeMutableBytes { bytes in
                bytes.copyBytes(from: UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
            }
            (start, end) = (0, end - start)
        }
        if end == buffer.count { buffer.append(contentsOf: [UInt8](repeating: 0, count: Self.readBytes)) }
        while true {
            let count = buffer.withUnsafeMutableBytes { bytes in
                recv(descriptor, bytes.baseAddress?.advanced(by: end), bytes.count - end, 0)
            }
            if count > 0 {
                end += count
                return true
            }
            if count < 0 && errno == EINTR { continue }
            return false
        }
    }
}
