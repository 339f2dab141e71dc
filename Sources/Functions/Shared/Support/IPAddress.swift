import Glibc

/// An IPv4 or IPv6 address in its one canonical text form, so that two writings of one address are equal.
public struct IPAddress: Sendable, Hashable {
    /// The canonical form: dotted decimal, or RFC 5952 as `inet_ntop` writes it.
    public let text: String

    /// Twelve bytes that say that the other four are an IPv4 address (RFC 4291, 2.5.5.2).
    private static let mappedPrefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]

    /// - Returns: `nil` for what is no address. An IPv4 address that is mapped into IPv6 is the IPv4 address.
    public init?(_ text: String) {
        // To C, a text ends at the first zero byte.
        guard !text.utf8.contains(0) else { return nil }
        let canonical: String?
        if let bytes = Self.bytes(text, family: AF_INET, count: 4) {
            canonical = Self.text(bytes, family: AF_INET)
        } else if let bytes = Self.bytes(text, family: AF_INET6, count: 16) {
            canonical =
                bytes.starts(with: Self.mappedPrefix)
                ? Self.text(Array(bytes.suffix(4)), family: AF_INET) : Self.text(bytes, family: AF_INET6)
        } else {
            canonical = nil
        }
        guard let canonical else { return nil }
        self.text = canonical
    }

    private static func bytes(_ text: String, family: Int32, count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return inet_pton(family, text, &bytes) == 1 ? bytes : nil
    }

    private static func text(_ bytes: [UInt8], family: Int32) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(family, bytes, &buffer, socklen_t(buffer.count)) != nil else { return nil }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
