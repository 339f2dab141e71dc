import Cryptography
import CurlEventLoop
import FoundationEssentials
import HTTPClient

/// The one form of a request that both sides compute before hashing (AWS IAM User Guide, "Create a signed AWS API
/// request", step 1).
struct CanonicalRequest: Equatable {
    /// How a service derives the canonical path from the path that was sent.
    enum PathRule: Sendable {
        /// Dot segments and repeated slashes are removed, then the sent form is encoded once more: every service but
        /// S3.
        case normalizedAndEncodedAgain
        /// The path exactly as sent: S3, where `a//b` and `a/../b` are keys.
        case asSent
    }

    /// Fields that proxies and tracing may change on the way, so that no AWS SDK signs them.
    private static let unsignedFields: Set<String> = [
        "authorization", "connection", "expect", "transfer-encoding", "user-agent", "x-amzn-trace-id",
    ]

    let text: String
    /// The names of the signed fields: lower case, sorted, joined by semicolons.
    let signedHeaders: String

    /// - Parameter payloadHash: the body's SHA-256 in hexadecimal, or one of the constants a service allows instead.
    init(
        method: String, location: RequestLocation, headers: HTTPHeaders, payloadHash: String, pathRule: PathRule
    ) {
        var fields: [String: [String]] = ["host": [location.host]]
        for (name, value) in headers.pairs {
            let name = name.lowercased()
            if name == "host" || Self.unsignedFields.contains(name) { continue }
            fields[name, default: []].append(Self.collapsingSpaces(value))
        }
        let names = fields.keys.sorted()
        signedHeaders = names.joined(separator: ";")
        let fieldLines = names.map { "\($0):\(fields[$0, default: []].joined(separator: ","))\n" }.joined()
        text = [
            method, Self.canonicalPath(location.path, rule: pathRule), Self.canonicalQuery(location.query),
            fieldLines, signedHeaders, payloadHash,
        ].joined(separator: "\n")
    }

    /// The hash that goes into the string to sign.
    var hash: String { SHA256.hexDigest(text.utf8) }

    private static func canonicalPath(_ path: String, rule: PathRule) -> String {
        guard !path.isEmpty else { return "/" }
        switch rule {
        case .asSent: return path
        case .normalizedAndEncodedAgain: return PercentEncoding.encodePath(normalized(path))
        }
    }

    /// RFC 3986, section 5.2.4, and repeated slashes made one, as AWS demands.
    private static func normalized(_ path: String) -> String {
        var segments: [Substring] = []
        for segment in path.split(separator: "/") where segment != "." {
            if segment != ".." {
                segments.append(segment)
            } else if !segments.isEmpty {
                segments.removeLast()
            }
        }
        let trailing = path.hasSuffix("/") && !segments.isEmpty ? "/" : ""
        return "/" + segments.joined(separator: "/") + trailing
    }

    /// Every name and value decoded and encoded again, so that any valid spelling of the query gives one form; sorted
    /// by encoded name, then by encoded value.
    private static func canonicalQuery(_ query: String?) -> String {
        guard let query else { return "" }
        let pairs = query.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? parts[1] : ""
            return (
                name: PercentEncoding.encode(PercentEncoding.decode(parts[0])),
                value: PercentEncoding.encode(PercentEncoding.decode(value))
            )
        }
        let sorted = pairs.sorted { ($0.name, $0.value) < ($1.name, $1.value) }
        return sorted.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    /// Outer white space removed, inner runs of it made one space.
    private static func collapsingSpaces(_ value: String) -> String {
        value.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
    }
}
