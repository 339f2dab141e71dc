/// The head of a request, composed once but for what changes from one invocation to the next.
struct RequestHead {
    private let beforeIdentifier: [UInt8]
    private let afterPath: [UInt8]

    /// The head of a POST to a path that begins so.
    init(path: String, host: String, fields: [String]) {
        beforeIdentifier = Array("POST \(path)".utf8)
        let lines = Self.commonFields(host) + fields
        afterPath = Array(" HTTP/1.1\r\n\(lines.joined(separator: "\r\n"))\r\nContent-Length: ".utf8)
    }

    /// The head with the rest of the path and the body's length.
    func post(_ identifier: String, _ suffix: StaticString, bodyBytes: Int) -> [UInt8] {
        var head: [UInt8] = []
        // The longest number, and the two line ends behind it, in one allocation.
        head.reserveCapacity(
            beforeIdentifier.count + identifier.utf8.count + suffix.utf8CodeUnitCount + afterPath.count + 24)
        head += beforeIdentifier
        head += identifier.utf8
        head += UnsafeBufferPointer(start: suffix.utf8Start, count: suffix.utf8CodeUnitCount)
        head += afterPath
        head += String(bodyBytes).utf8
        head += [0x0D, 0x0A, 0x0D, 0x0A]
        return head
    }

    /// The whole of a GET.
    static func get(_ path: String, host: String, fields: [String] = []) -> [UInt8] {
        let lines = commonFields(host) + fields
        return Array("GET \(path) HTTP/1.1\r\n\(lines.joined(separator: "\r\n"))\r\n\r\n".utf8)
    }

    private static func commonFields(_ host: String) -> [String] {
        ["Host: \(host)", "User-Agent: \(RuntimeAPI.userAgent)"]
    }
}
