/// What a Redis URL says: `redis://[[username]:password@]host[:port][/database]`, and `rediss://` for TLS (IANA
/// registrations "redis" and "rediss").
struct RedisLocation: Sendable, Equatable {
    /// IANA service name "redis".
    private static let defaultPort: UInt16 = 6379

    let usesTLS: Bool
    /// A name or address; an IPv6 address keeps its brackets.
    let host: String
    let port: UInt16
    let username: String?
    let password: String?
    let database: Int

    init(_ url: String) throws(RedisError) {
        guard let colon = url.firstIndex(of: ":"), url[colon...].hasPrefix("://") else {
            throw .invalidURL("no scheme")
        }
        switch url[..<colon].lowercased() {
        case "redis": usesTLS = false
        case "rediss": usesTLS = true
        default: throw .invalidURL("the scheme is neither redis nor rediss")
        }
        let rest = url[colon...].dropFirst("://".count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        database = try Self.database(path: rest[authority.endIndex...])
        let at = authority.lastIndex(of: "@")
        (username, password) = try Self.credentials(at.map { authority[..<$0] })
        (host, port) = try Self.hostAndPort(at.map { authority[authority.index(after: $0)...] } ?? authority)
    }

    private static func database(path: Substring) throws(RedisError) -> Int {
        if path.isEmpty || path == "/" { return 0 }
        guard path.hasPrefix("/"), let number = Int(path.dropFirst()), number >= 0 else {
            throw .invalidURL("what follows the host is not a database number")
        }
        return number
    }

    private static func credentials(
        _ text: Substring?
    ) throws(RedisError) -> (username: String?, password: String?) {
        guard let text, !text.isEmpty else { return (nil, nil) }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let username = decoded(parts[0]), let password = decoded(parts[1]) else {
            throw .invalidURL("the part before @ is not [username]:password, percent-encoded")
        }
        return (username.isEmpty ? nil : username, password)
    }

    private static func hostAndPort(_ text: Substring) throws(RedisError) -> (host: String, port: UInt16) {
        let hostEnd: Substring.Index
        if text.hasPrefix("[") {
            guard let bracket = text.firstIndex(of: "]") else { throw .invalidURL("unclosed bracket in the host") }
            hostEnd = text.index(after: bracket)
        } else {
            hostEnd = text.firstIndex(of: ":") ?? text.endIndex
        }
        let host = text[..<hostEnd]
        let portText = text[hostEnd...]
        guard !host.isEmpty else { throw .invalidURL("no host") }
        if portText.isEmpty { return (String(host), defaultPort) }
        guard portText.hasPrefix(":"), let port = UInt16(portText.dropFirst()), port > 0 else {
            throw .invalidURL("the port is not a number from 1 to 65535")
        }
        return (String(host), port)
    }

    /// Resolves percent escapes; `nil` for a malformed one or for bytes that are not UTF-8.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
                let value = UInt8(Substring(digits), radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
