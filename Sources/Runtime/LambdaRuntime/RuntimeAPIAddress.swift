/// Where the Runtime API is: what `AWS_LAMBDA_RUNTIME_API` says.
///
/// URLs are made by concatenation, so that an emulator may hand out a path prefix for each function.
struct RuntimeAPIAddress: Sendable {
    /// `host:port` for the `Host` header.
    let host: String
    /// What comes before `/2018-06-01`; empty, or begins with `/`.
    let pathPrefix: String

    init(_ text: String) {
        let slash = text.firstIndex(of: "/") ?? text.endIndex
        host = String(text[..<slash])
        let prefix = text[slash...]
        pathPrefix = String(prefix.last == "/" ? prefix.dropLast() : prefix)
    }

    /// Host and port when the host is an address and no name; `nil` for a name.
    var literal: (address: String, port: Int)? {
        guard let colon = host.lastIndex(of: ":"), let port = Int(host[host.index(after: colon)...]) else { return nil }
        // An IPv6 address stands in brackets.
        let address = host[..<colon].drop { $0 == "[" }.prefix { $0 != "]" }
        return address.allSatisfy { $0.isHexDigit || $0 == "." || $0 == ":" } ? (String(address), port) : nil
    }

    /// `/…/2018-06-01/runtime`.
    var runtimePath: String { "\(pathPrefix)/\(RuntimeAPI.version)/runtime" }

    /// The URL of a path below `/2018-06-01/runtime`.
    func runtimeURL(_ path: String) -> String { "http://\(host)\(runtimePath)\(path)" }

    /// The URL of a path below `/2020-01-01/extension`.
    func extensionURL(_ path: String) -> String {
        "http://\(host)\(pathPrefix)/\(RuntimeAPI.extensionsVersion)/extension\(path)"
    }
}
