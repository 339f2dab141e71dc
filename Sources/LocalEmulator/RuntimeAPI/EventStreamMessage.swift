import Foundation

/// One message of AWS's binary event stream (`application/vnd.amazon.eventstream`): lengths, their CRC, headers with
/// text values, payload, CRC of everything.
struct EventStreamMessage {
    /// The content type of a body made of such messages.
    static let contentType = "application/vnd.amazon.eventstream"
    /// Lengths of the prelude with its CRC, and of the CRC at the end.
    private static let framingBytes = 16
    /// The type code of a text value.
    private static let textValue: UInt8 = 7

    /// The headers, in order.
    var headers: [(name: String, value: String)]
    /// The payload.
    var payload: Data

    /// An event of the type `name`.
    static func event(_ name: String, contentType: String, payload: Data) -> EventStreamMessage {
        EventStreamMessage(
            headers: [(":event-type", name), (":content-type", contentType), (":message-type", "event")],
            payload: payload)
    }

    /// The message's bytes. Names are shorter than 256 bytes and values shorter than 64 KiB.
    func encoded() -> Data {
        var fields = Data()
        for (name, value) in headers {
            fields.append(UInt8(clamping: name.utf8.count))
            fields.append(contentsOf: name.utf8)
            fields.append(Self.textValue)
            fields.append(bigEndian: UInt16(clamping: value.utf8.count))
            fields.append(contentsOf: value.utf8)
        }
        var message = Data()
        message.append(bigEndian: UInt32(clamping: Self.framingBytes + fields.count + payload.count))
        message.append(bigEndian: UInt32(clamping: fields.count))
        message.append(bigEndian: CRC32.checksum(message))
        message.append(fields)
        message.append(payload)
        message.append(bigEndian: CRC32.checksum(message))
        return message
    }
}

/// The CRC-32 of Ethernet and zlib (polynomial 0xEDB88320, reflected).
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    }

    static func checksum(_ data: Data) -> UInt32 {
        let table = table
        return data.withUnsafeBytes { bytes in
            ~bytes.reduce(UInt32.max) { value, byte in table[Int((value ^ UInt32(byte)) & 0xFF)] ^ (value >> 8) }
        }
    }
}

extension Data {
    fileprivate mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}
