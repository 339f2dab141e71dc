import Foundation
import LambdaEvents
import Testing
import Wire

/// Compares our decoders with Foundation's.
enum DecodingOracle {
    /// What both made of a document.
    enum Verdict: Equatable {
        case bothAccept, bothRefuse
        /// Ours refuses on purpose what Foundation accepts.
        case deliberatelyStricter(Difference)
    }

    /// Where ours refuses what `JSONDecoder` accepts, and why that is right.
    enum Difference: Equatable {
        /// RFC 8259 has no trailing commas; they are a leniency of Foundation's parser alone.
        case trailingComma
        /// JSON between systems is UTF-8 (RFC 8259, 8.1); Lambda sends nothing else.
        case otherEncoding
        /// `JSONDecoder` does not look at values that nobody asks for. `JSONSerialization`, which looks at all, refuses.
        case invalidInsideOfIgnoredValue
        /// Foundation's base64 decoder accepts padding in excess or out of place.
        case strangePadding
    }

    /// Checks one document: the same values, or both refuse, or a difference that is named above.
    static func check<Event: OracleCheckable>(_: Event.Type, _ document: [UInt8]) throws -> Verdict {
        // Copied, so that the address sanitizer finds reads beyond the end.
        let ours = Result { try Event(lambdaPayload: Bytes(document)) }
        let theirs = Result { try JSONDecoder().decode(Event.Mirror.self, from: Data(document)) }
        switch (ours, theirs) {
        case (.success(let event), .success(let mirror)):
            try #require(event.mirror == Event.completed(mirror), "values differ: \(shown(document))")
            let again = try Event(lambdaPayload: event.lambdaPayload())
            try #require(again == event, "encoding loses something: \(shown(document))")
            return .bothAccept
        case (.failure, .failure): return .bothRefuse
        case (.success, .failure(let error)):
            throw Disagreement(detail: "only Foundation refuses (\(error)): \(shown(document))")
        case (.failure(let error), .success):
            guard let difference = difference(document) else {
                throw Disagreement(detail: "only we refuse (\(error)): \(shown(document))")
            }
            return .deliberatelyStricter(difference)
        }
    }

    struct Disagreement: Error {
        let detail: String
    }

    private static func difference(_ document: [UInt8]) -> Difference? {
        if isOtherEncoding(document) { return .otherEncoding }
        if isInvalid(document) { return .invalidInsideOfIgnoredValue }
        if hasTrailingComma(document) { return .trailingComma }
        return hasStrangePadding(document) ? .strangePadding : nil
    }

    /// A byte order mark of UTF-16 or UTF-32, or the zero bytes that ASCII has in both.
    private static func isOtherEncoding(_ document: [UInt8]) -> Bool {
        document.starts(with: [0xFE, 0xFF]) || document.starts(with: [0xFF, 0xFE]) || document.prefix(4).contains(0)
    }

    private static func isInvalid(_ document: [UInt8]) -> Bool {
        (try? JSONSerialization.jsonObject(with: Data(document), options: .fragmentsAllowed)) == nil
    }

    /// A comma outside of strings, behind which only white space comes before a closing bracket.
    private static func hasTrailingComma(_ document: [UInt8]) -> Bool {
        var isInString = false
        var isEscaped = false
        var isAfterComma = false
        for byte in document {
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
            case UInt8(ascii: "\""):
                isInString = true
                isAfterComma = false
            case UInt8(ascii: ","): isAfterComma = true
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if isAfterComma { return true }
            case 0x20, 0x0A, 0x0D, 0x09: break
            default: isAfterComma = false
            }
        }
        return false
    }

    private static func hasStrangePadding(_ document: [UInt8]) -> Bool {
        guard let event = try? JSONDecoder().decode(MirrorKinesisTexts.self, from: Data(document)) else { return false }
        return event.records.contains { record in
            let text = record.kinesis.data
            let digits = text.prefix { $0 != "=" }
            return text.utf8.count % 4 != 0 || text.utf8.count - digits.utf8.count > 2
                || text.dropFirst(digits.count).contains { $0 != "=" }
        }
    }

    private static func shown(_ document: [UInt8]) -> String {
        String(decoding: document, as: UTF8.self).debugDescription
    }
}
