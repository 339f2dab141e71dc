import Domain
import FunctionsShared

/// What a request asks for.
enum Route: Equatable {
    case health
    case createCharge
    case charge(ChargeID)
    case createRefund
    case refund(RefundID)

    /// Longer than any id we make; what is longer is not looked up.
    static let maximumIDLength = 64

    /// Finds the route of a request.
    ///
    /// - Throws: 404 for an unknown path, 405 with `Allow` for a known path and another method.
    init(method: String, path: String) throws(APIError) {
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        switch segments.count {
        case 1 where segments[0] == "health":
            self = try Self.only("GET", method, .health)
        case 2 where segments == ["v1", "charges"]:
            self = try Self.only("POST", method, .createCharge)
        case 2 where segments == ["v1", "refunds"]:
            self = try Self.only("POST", method, .createRefund)
        case 3 where segments.dropLast() == ["v1", "charges"] && Self.isID(segments[2]):
            self = try Self.only("GET", method, .charge(ChargeID(rawValue: segments[2])))
        case 3 where segments.dropLast() == ["v1", "refunds"] && Self.isID(segments[2]):
            self = try Self.only("GET", method, .refund(RefundID(rawValue: segments[2])))
        default:
            throw .unknownPath()
        }
    }

    private static func only(_ allowed: String, _ method: String, _ route: Route) throws(APIError) -> Route {
        guard method == allowed else { throw .methodNotAllowed(allowed: [allowed]) }
        return route
    }

    /// Whether a text has the form of our ids; what has not is not looked up.
    static func isID(_ segment: String) -> Bool {
        !segment.isEmpty && segment.utf8.count <= maximumIDLength
            && segment.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
                    || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            }
    }
}
