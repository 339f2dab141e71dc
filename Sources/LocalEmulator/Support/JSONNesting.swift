import Foundation

/// How deeply JSON may be nested. The decoder recurses once per level, so a document nested deeply enough would
/// exhaust the stack of its connection's thread and with it end the process.
enum JSONNesting {
    /// Above what any request needs: DynamoDB's 32 levels of lists and maps take two levels of JSON each.
    static let maximum = 100

    /// Whether no array or object lies deeper than `maximum`. Brackets inside strings do not count.
    static func isWithinBounds(_ data: Data) -> Bool {
        data.withUnsafeBytes(isWithinBounds)
    }

    private static func isWithinBounds(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var depth = 0
        var isInString = false
        var isEscaped = false
        for byte in bytes {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                if depth > maximum { return false }
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            default: break
            }
        }
        return true
    }
}
