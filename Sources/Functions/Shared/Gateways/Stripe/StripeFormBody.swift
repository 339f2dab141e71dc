import FoundationEssentials

/// A body in `application/x-www-form-urlencoded`, the only form Stripe's v1 API takes. Nested names are written
/// `metadata[charge_id]`.
struct StripeFormBody: Sendable, Equatable {
    private(set) var fields: [(name: String, value: String)] = []

    /// Adds a field; `nil` adds nothing, because Stripe reads an empty value as "unset this".
    mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        fields.append((name, value))
    }

    /// The bytes to send, in the order the fields were added: the same request always has the same bytes, as a replay
    /// under one idempotency key must.
    func encoded() -> Data {
        var bytes: [UInt8] = []
        for (index, field) in fields.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: "&")) }
            Self.appendEscaped(field.name, to: &bytes)
            bytes.append(UInt8(ascii: "="))
            Self.appendEscaped(field.value, to: &bytes)
        }
        return Data(bytes)
    }

    static func == (left: StripeFormBody, right: StripeFormBody) -> Bool {
        left.fields.elementsEqual(right.fields) { $0.name == $1.name && $0.value == $1.value }
    }

    /// Everything but the unreserved characters of RFC 3986 is escaped byte by byte; a space too, as `%20`, which every
    /// form decoder reads.
    static func appendEscaped(_ text: String, to bytes: inout [UInt8]) {
        let hexDigits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            if isUnreserved(byte) {
                bytes.append(byte)
            } else {
                bytes.append(UInt8(ascii: "%"))
                bytes.append(hexDigits[Int(byte >> 4)])
                bytes.append(hexDigits[Int(byte & 15)])
            }
        }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
