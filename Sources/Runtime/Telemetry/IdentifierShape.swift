/// Which texts are ids that machines made.
///
/// Some of them hold a run of digits that passes for a card number's; who looks for an invocation needs all of it.
/// What does not have one of these shapes is text like any other, wherever it came from.
enum IdentifierShape {
    /// Longest trace header that is looked at; those of Lambda have up to some 200 characters.
    private static let maximumLength = 512

    static func matches(_ text: String) -> Bool {
        text.utf8.count <= maximumLength && (isUUID(text.utf8[...]) || isTraceHeader(text))
    }

    /// `8476a536-e9f4-11e8-9739-2dfe598c3fcd` (RFC 9562).
    private static func isUUID(_ text: Substring.UTF8View) -> Bool { isHexadecimal(text, groups: [8, 4, 4, 4, 12]) }

    /// `Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1;Lineage=1:a87bd80c:0|68fd508a:5`
    /// (AWS X-Ray developer guide, "Tracing header"), or the trace id alone.
    private static func isTraceHeader(_ text: String) -> Bool {
        isTraceID(text.utf8[...])
            || text.utf8.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).allSatisfy(isTraceField)
    }

    private static func isTraceField(_ field: Substring.UTF8View) -> Bool {
        guard let equals = field.firstIndex(of: UInt8(ascii: "=")) else { return false }
        let value = field[field.index(after: equals)...]
        switch String(field[..<equals]) {
        case "Root", "Self": return isTraceID(value)
        case "Parent": return isHexadecimal(value, groups: [16])
        case "Sampled": return value.count == 1 && value.allSatisfy { "01?".utf8.contains($0) }
        case "Lineage":
            let parts = value.split(omittingEmptySubsequences: false) {
                $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "|")
            }
            return parts.allSatisfy { (1...8).contains($0.count) && $0.allSatisfy(isHexadecimalDigit) }
        default: return false
        }
    }

    private static func isTraceID(_ text: Substring.UTF8View) -> Bool {
        text.first == UInt8(ascii: "1") && isHexadecimal(text, groups: [1, 8, 24])
    }

    /// Groups of so many hexadecimal digits, with hyphens between them.
    private static func isHexadecimal(_ text: Substring.UTF8View, groups: [Int]) -> Bool {
        text.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false).map(\.count) == groups
            && text.allSatisfy { isHexadecimalDigit($0) || $0 == UInt8(ascii: "-") }
    }

    private static func isHexadecimalDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte & 0xDF)
    }
}
