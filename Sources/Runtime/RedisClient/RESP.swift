import FoundationEssentials

/// One answer of the Redis serialization protocol, version 2, of the kinds this client's commands are answered with.
enum RESPReply: Equatable {
    case status(String)
    case error(code: String, message: String)
    case integer(Int64)
    /// `nil` stands for "there is none".
    case bulk(Data?)
}

/// The wire format of commands and answers (redis.io, "Redis serialization protocol specification").
enum RESP {
    /// The largest value stored or taken. What is cached are single API responses; more than this is a mistake, and
    /// reading it within the time limit of a cache would fail anyway.
    static let maximumValueBytes = 8 * 1_024 * 1_024
    /// The longest status, error or length line taken; Redis' own are far shorter.
    private static let maximumLineBytes = 64 * 1_024

    private static let carriageReturn = UInt8(ascii: "\r")
    private static let lineFeed = UInt8(ascii: "\n")

    /// A command with its arguments: an array of bulk strings.
    static func encode(_ arguments: [Data]) -> [UInt8] {
        var bytes = Array("*\(arguments.count)\r\n".utf8)
        for argument in arguments {
            bytes += Array("$\(argument.count)\r\n".utf8)
            bytes += argument
            bytes += [carriageReturn, lineFeed]
        }
        return bytes
    }

    /// The answer a buffer begins with and its length in bytes; `nil` while it is not complete.
    static func decode(_ buffer: [UInt8]) throws(RedisError) -> (reply: RESPReply, length: Int)? {
        guard let line = try firstLine(buffer) else { return nil }
        let text = String(decoding: buffer[1..<line.end], as: UTF8.self)
        switch buffer[0] {
        case UInt8(ascii: "+"): return (.status(text), line.next)
        case UInt8(ascii: "-"): return (error(text), line.next)
        case UInt8(ascii: ":"):
            guard let number = Int64(text) else { throw .protocolViolation("an integer that is none") }
            return (.integer(number), line.next)
        case UInt8(ascii: "$"): return try bulk(buffer, lengthText: text, start: line.next)
        default: throw .protocolViolation("an answer of an unexpected kind")
        }
    }

    private static func bulk(
        _ buffer: [UInt8], lengthText: String, start: Int
    ) throws(RedisError) -> (reply: RESPReply, length: Int)? {
        guard let count = Int(lengthText), count >= -1 else { throw .protocolViolation("a length that is none") }
        guard count >= 0 else { return (.bulk(nil), start) }
        guard count <= maximumValueBytes else { throw .tooLarge(limitBytes: maximumValueBytes) }
        let end = start + count
        guard buffer.count >= end + 2 else { return nil }
        guard buffer[end] == carriageReturn, buffer[end + 1] == lineFeed else {
            throw .protocolViolation("a string longer than announced")
        }
        return (.bulk(Data(buffer[start..<end])), end + 2)
    }

    private static func firstLine(_ buffer: [UInt8]) throws(RedisError) -> (end: Int, next: Int)? {
        guard let lineFeedIndex = buffer.prefix(maximumLineBytes).firstIndex(of: lineFeed) else {
            if buffer.count >= maximumLineBytes { throw .protocolViolation("a line without end") }
            return nil
        }
        guard lineFeedIndex >= 2, buffer[lineFeedIndex - 1] == carriageReturn else {
            throw .protocolViolation("a line that does not end in CR LF")
        }
        return (lineFeedIndex - 1, lineFeedIndex + 1)
    }

    private static func error(_ text: String) -> RESPReply {
        let parts = text.split(separator: " ", maxSplits: 1)
        return .error(code: parts.first.map(String.init) ?? "", message: parts.count > 1 ? String(parts[1]) : "")
    }
}
