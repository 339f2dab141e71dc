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
        var prefix = text[slash...]
        while prefix.last == "/" { prefix = prefix.dropLast() }
        pathPrefix = String(prefix)
    }

    /// `/…/2018-06-01/runtime`.
    var runtimePath: String { "\(pathPrefix)/\(RuntimeAPI.version)/runtime" }

    /// The URL of a path below `/2018-06-01/runtime`.
    func runtimeURL(_ path: String) -> String { "http://\(host)\(runtimePath)\(path)" }

    /// `/…/2020-01-01/extension`.
    var extensionPath: String { "\(pathPrefix)/\(RuntimeAPI.extensionsVersion)/extension" }
}
