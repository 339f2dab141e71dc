import LocalEmulator

/// Compares what was expected with what was found.
///
/// An expected object asks for its own members only; an array for the same length and order. `"<any>"` accepts
/// whatever is there, `"<absent>"` asks that a member is not. An expected object or array is compared with the document
/// inside when a string was found: that is how bodies and envelopes travel.
enum JSONMatcher {
    /// One line for each difference; none when it matches.
    static func differences(_ expected: JSONValue, _ found: JSONValue?, path: String) -> [String] {
        if expected == "<absent>" { return found == nil ? [] : ["\(path): expected nothing, found \(brief(found))"] }
        guard let found else { return ["\(path): expected \(brief(expected)), found nothing"] }
        if expected == "<any>" { return [] }
        switch (expected, found) {
        case (.object(let members), .object):
            return members.sorted { $0.key < $1.key }.flatMap { key, value in
                differences(value, found[key], path: "\(path).\(key)")
            }
        case (.array(let elements), .array(let others)):
            guard elements.count == others.count else {
                return ["\(path): expected \(elements.count) elements, found \(others.count): \(brief(found))"]
            }
            return zip(elements, others).enumerated().flatMap { index, pair in
                differences(pair.0, pair.1, path: "\(path)[\(index)]")
            }
        case (.object, .string(let text)), (.array, .string(let text)):
            guard let document = try? JSONValue(parsing: .init(text.utf8)) else {
                return ["\(path): expected a document, found the text \(brief(found))"]
            }
            return differences(expected, document, path: path)
        default: return expected == found ? [] : ["\(path): expected \(brief(expected)), found \(brief(found))"]
        }
    }

    private static func brief(_ value: JSONValue?) -> String {
        let text = value?.text ?? "nothing"
        return text.count > 300 ? text.prefix(300) + "…" : text
    }
}
