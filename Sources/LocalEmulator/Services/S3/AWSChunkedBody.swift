import Foundation

/// The `aws-chunked` content coding: chunks with an optional signature each, then trailers such as a checksum.
///
/// SDKs send uploads this way so that a checksum can follow the data (S3 user guide, "Signature calculations for the
/// Authorization header: transferring payload in multiple chunks").
enum AWSChunkedBody {
    /// The object's bytes; `nil` when the coding is broken. Trailers are dropped: checksums are not verified.
    static func decode(_ body: Data) -> Data? {
        let bytes = [UInt8](body)
        var decoded = Data()
        var position = 0
        while true {
            guard let end = lineEnd(bytes, from: position) else { return nil }
            let sizeText = bytes[position..<end].prefix { $0 != UInt8(ascii: ";") }
            guard let size = Int(String(decoding: sizeText, as: UTF8.self), radix: 16), size >= 0 else { return nil }
            position = end + 2
            if size == 0 { return decoded }
            guard size <= bytes.count - position - 2 else { return nil }
            decoded.append(contentsOf: bytes[position..<(position + size)])
            position += size
            guard bytes[position] == UInt8(ascii: "\r"), bytes[position + 1] == UInt8(ascii: "\n") else { return nil }
            position += 2
        }
    }

    /// The index of the carriage return that ends the line.
    private static func lineEnd(_ bytes: [UInt8], from start: Int) -> Int? {
        var index = start
        while index + 1 < bytes.count {
            if bytes[index] == UInt8(ascii: "\r"), bytes[index + 1] == UInt8(ascii: "\n") { return index }
            index += 1
        }
        return nil
    }
}
