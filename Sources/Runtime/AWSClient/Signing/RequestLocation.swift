/// The parts of an absolute `http` or `https` URL that a signature covers, taken apart without changing a byte of path
/// or query.
struct RequestLocation: Equatable {
    let scheme: String
    /// Host and port as they appear in the `Host` field: lower case, the scheme's default port left out.
    let host: String
    /// The path as it will be sent, still percent-encoded; empty when the URL has none.
    let path: String
    /// The query without its question mark; `nil` when the URL has none.
    let query: String?

    /// `nil` for anything but an absolute URL with a host and without user information or fragment.
    init?(_ url: String) {
        guard let colon = url.firstIndex(of: ":"), url[colon...].hasPrefix("://") else { return nil }
        let scheme = url[..<colon].lowercased()
        guard scheme == "http" || scheme == "https" else { return nil }
        let rest = url[colon...].dropFirst("://".count)
        guard !rest.utf8.contains(UInt8(ascii: "#")) else { return nil }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let target = rest[authority.endIndex...]
        let queryStart = target.firstIndex(of: "?")
        guard !authority.isEmpty, !authority.contains("@") else { return nil }
        self.scheme = scheme
        host = Self.withoutDefaultPort(authority.lowercased(), scheme: scheme)
        path = String(target[..<(queryStart ?? target.endIndex)])
        query = queryStart.map { String(target[target.index(after: $0)...]) }
    }

    private static func withoutDefaultPort(_ authority: String, scheme: String) -> String {
        let defaultPort = scheme == "https" ? ":443" : ":80"
        return authority.hasSuffix(defaultPort) ? String(authority.dropLast(defaultPort.count)) : authority
    }
}
