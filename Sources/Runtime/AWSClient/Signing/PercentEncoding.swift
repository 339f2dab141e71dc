/// Percent-encoding as RFC 3986 defines it and signature version 4 demands it: every byte but the unreserved ones, with
/// upper-case digits.
enum PercentEncoding {
    private static let upperCaseDigits = Array("0123456789ABCDEF".utf8)

    /// Encodes one path segment, query name or query value.
    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        encode(bytes, keepingSlash: false)
    }

    /// Encodes a path of several segments: slashes stay.
    static func encodePath(_ path: String) -> String {
        encode(path.utf8, keepingSlash: true)
    }

    /// Encodes a name or value of an `application/x-www-form-urlencoded` body: a space becomes a plus sign.
    static func encodeForm(_ text: String) -> String {
        text.split(separator: " ", omittingEmptySubsequences: false).map { encode($0.utf8) }.joined(separator: "+")
    }

    /// The bytes a text stands for. A percent sign that starts no valid escape stands for itself.
    static func decode(_ text: some StringProtocol) -> [UInt8] {
        let encoded = Array(text.utf8)
        var decoded: [UInt8] = []
        decoded.reserveCapacity(encoded.count)
        var index = 0
        while index < encoded.count {
            if encoded[index] == UInt8(ascii: "%"), index + 2 < encoded.count,
                let high = hexValue(encoded[index + 1]), let low = hexValue(encoded[index + 2])
            {
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(encoded[index])
                index += 1
            }
        }
        return decoded
    }

    private static func encode(_ bytes: some Sequence<UInt8>, keepingSlash: Bool) -> String {
        var encoded: [UInt8] = []
        for byte in bytes {
            if isUnreserved(byte) || (keepingSlash && byte == UInt8(ascii: "/")) {
                encoded.append(byte)
            } else {
                encoded.append(UInt8(ascii: "%"))
                encoded.append(upperCaseDigits[Int(byte >> 4)])
                encoded.append(upperCaseDigits[Int(byte & 0x0F)])
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// RFC 3986, section 2.3.
    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    private static func hexValue(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
