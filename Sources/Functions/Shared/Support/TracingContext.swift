import Domain
import FoundationEssentials

/// The trace a request belongs to; it goes with every event, job and log line that the request causes.
public struct TracingContext: Sendable, Hashable {
    /// The header in which the load balancer hands over the trace.
    public static let headerName = "x-amzn-trace-id"
    /// Nothing longer is kept from a caller's header; an AWS root id has 35 characters.
    public static let maximumTraceIDLength = 64

    /// The trace's root id, for example `1-67891233-abcdef012345678912345678`.
    public let traceID: String

    /// A context around a known root id.
    public init(traceID: String) {
        self.traceID = traceID
    }

    /// The trace named by a header of the form `Root=1-…;Parent=…;Sampled=1` (the `Self=` part that a load balancer adds
    /// may come first). A missing or unusable header starts a new trace.
    public init(header: String?, identifiers: any IDGenerator) {
        if let root = header.flatMap(Self.root(in:)) {
            traceID = root
        } else {
            traceID = identifiers.make(prefix: "trace")
        }
    }

    private static func root(in header: String) -> String? {
        for field in header.split(separator: ";") {
            let field = field.drop(while: { $0 == " " })
            guard field.hasPrefix("Root=") else { continue }
            let root = field.dropFirst("Root=".count)
            guard !root.isEmpty, root.utf8.count <= maximumTraceIDLength, root.utf8.allSatisfy(isToken) else {
                return nil
            }
            return String(root)
        }
        return nil
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
