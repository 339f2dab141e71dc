import Foundation
import LocalEmulator

/// Compares what was expected with what was found.
///
/// An expected object asks for its own members only; an array for the same length and order. `"<any>"` accepts
/// whatever is there; `"<any:name>"` does so the first time, and wherever the name stands again the same value has to
/// be found; `"<absent>"` asks that a member is not there. An expected object or array is compared with the document
/// inside when a string was found: that is how bodies and envelopes travel.
struct JSONMatcher {
    private var remembered: [String: JSONValue] = [:]

    /// One line for each difference; none when it matches.
    mutating func differences(_ expected: JSONValue, _ found: JSONValue?, path: String) -> [String] {
        if expected == "<absent>" {
            return found == nil ? [] : ["\(path): expected nothing, found \(Self.brief(found))"]
        }
        guard let found else { return ["\(path): expected \(Self.brief(expected)), found nothing"] }
        if expected == "<any>" { return [] }
        if let name = Self.name(expected) {
            guard let earlier = remembered.updateValue(remembered[name] ?? found, forKey: name) else { return [] }
            return differences(earlier, found, path: path)
        }
        switch (expected, found) {
        case (.object(let members), .object):
            return members.sorted { $0.key < $1.key }.flatMap { key, value in
                differences(value, found[key], path: "\(path).\(key)")
            }
        case (.array(let elements), .array(let others)):
            guard elements.count == others.count else {
                return ["\(path): expected \(elements.count) elements, found \(others.count): \(Self.brief(found))"]
            }
            return zip(elements, others).enumerated().flatMap { index, pair in
                differences(pair.0, pair.1, path: "\(path)[\(index)]")
            }
        case (.object, .string(let text)), (.array, .string(let text)):
            guard let document = try? JSONValue(parsing: Data(text.utf8)) else {
                return ["\(path): expected a document, found the text \(Self.brief(found))"]
            }
            return differences(expected, document, path: path)
        default:
            return expected == found ? [] : ["\(path): expected \(Self.brief(expected)), found \(Self.brief(found))"]
        }
    }

    /// The text that `"<any:name>"` has stood for; any other text is itself. `nil` when nothing was found for the name.
    func resolved(_ text: String) -> String? {
        guard let name = Self.name(.string(text)) else { return text }
        return remembered[name]?.stringValue
    }

    private static func name(_ expected: JSONValue) -> String? {
        guard case .string(let text) = expected, text.hasPrefix("<any:"), text.hasSuffix(">") else { return nil }
        return String(text.dropFirst("<any:".count).dropLast())
    }

    private static func brief(_ value: JSONValue?) -> String {
        let text = value?.text ?? "nothing"
        return text.count > 300 ? text.prefix(300) + "…" : text
    }
}
