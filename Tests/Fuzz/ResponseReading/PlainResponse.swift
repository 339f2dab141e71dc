import Wire

/// One HTTP/1.1 response (RFC 9112), read from a text that is there as a whole: slow, short, and with nothing shared
/// with the reader under test.
///
/// It refuses little: only what the reader accepts is compared.
struct PlainResponse {
    let status: Int
    let body: Bytes
    let requestID: String?

    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        var fields: [(name: String, value: String)] = []
        var status = 0
        repeat {
            guard let line = Self.line(&rest), let number = Int(Self.text(line.dropFirst(9).prefix(3))) else {
                return nil
            }
            status = number
            fields = []
            while let line = Self.line(&rest), !line.isEmpty {
                guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
                fields.append((Self.text(line[..<colon]).lowercased(), Self.trimmed(line[(colon + 1)...])))
            }
        } while (100..<200).contains(status)
        guard let content = Self.body(rest, status, fields) else { return nil }
        self.status = status
        body = Bytes(content)
        requestID = fields.last { $0.name == "lambda-runtime-aws-request-id" }?.value
    }

    private static func body(
        _ rest: ArraySlice<UInt8>, _ status: Int, _ fields: [(name: String, value: String)]
    ) -> [UInt8]? {
        if status == 204 || status == 304 { return [] }
        if fields.contains(where: { $0.name == "transfer-encoding" }) { return chunks(rest) }
        guard let length = fields.first(where: { $0.name == "content-length" })?.value else { return Array(rest) }
        guard let count = Int(length), count <= rest.count else { return nil }
        return Array(rest.prefix(count))
    }

    private static func chunks(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        var rest = bytes
        var content: [UInt8] = []
        while let line = line(&rest) {
            let digits = trimmed(line.prefix { $0 != UInt8(ascii: ";") })
            guard let size = Int(digits, radix: 16), size <= rest.count else { return nil }
            if size == 0 { return content }
            content += rest.prefix(size)
            rest = rest.dropFirst(size)
            guard let end = self.line(&rest), end.isEmpty else { return nil }
        }
        return nil
    }

    /// Takes the next line, without its end.
    private static func line(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let end = rest.firstIndex(of: 0x0A) else { return nil }
        let line = rest[..<end]
        rest = rest[(end + 1)...]
        return line.last == 0x0D ? line.dropLast() : line
    }

    /// A text without the control characters and spaces around it.
    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
        var bytes = bytes
        while let first = bytes.first, first <= 0x20 { bytes.removeFirst() }
        while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
        return text(bytes)
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
