/// Why a document cannot be read, and where; never what it says there.
public struct JSONError: Error, Equatable, Sendable {
    /// What is wrong.
    public let problem: Problem
    /// Bytes before the place.
    public let offset: Int

    /// An error at a place.
    @inlinable
    public init(_ problem: Problem, at offset: Int) {
        self.problem = problem
        self.offset = offset
    }

    /// What can be wrong with a document.
    public enum Problem: UInt8, Sendable {
        // Not JSON at all.
        case tooLong, tooDeep, noValue, noKey, noColon, noCommaOrEnd, noQuote, noEnd, controlCharacter, badEscape,
            badUTF8
        case badNumber
        // JSON, but not what is expected.
        case isMissing, isNull, isNoString, isNoNumber, isNoBoolean, isNoObject, isNoArray, isNoBase64, isOutOfRange
    }
}

extension JSONError.Problem {
    /// Whether the document is no JSON; otherwise a value is not what is expected of it.
    public var isSyntax: Bool { rawValue < Self.isMissing.rawValue }
}

extension JSONError.Problem: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tooLong: "is longer than \(JSONScanner.maximumBytes) bytes"
        case .tooDeep: "is nested more than \(JSONScanner.maximumDepth) levels deep"
        case .noValue: "expected a value"
        case .noKey: "expected a key"
        case .noColon: "expected a colon"
        case .noCommaOrEnd: "expected a comma or the end of the array or object"
        case .noQuote: "expected the end of the string"
        case .noEnd: "expected the end of the document"
        case .controlCharacter: "a control character inside of a string"
        case .badEscape: "an invalid escape sequence"
        case .badUTF8: "invalid UTF-8"
        case .badNumber: "an invalid number"
        case .isMissing: "is missing"
        case .isNull: "is null"
        case .isNoString: "is not a string"
        case .isNoNumber: "is not a number"
        case .isNoBoolean: "is not a boolean"
        case .isNoObject: "is not an object"
        case .isNoArray: "is not an array"
        case .isNoBase64: "is not base64"
        case .isOutOfRange: "is out of range"
        }
    }
}
