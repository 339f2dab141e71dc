import Foundation

/// A decoded `application/x-www-form-urlencoded` document as Stripe reads it: `a[b][c]=v` nests, `a[]=v` and `a[0]=v`
/// make lists, which are kept as fields named by their index.
indirect enum StripeForm: Sendable, Equatable {
    /// A value.
    case text(String)
    /// Named parts; a list's are named "0", "1", ….
    case fields([String: StripeForm])

    /// Why a form was refused.
    struct Malformed: Error, Equatable {
        /// What is wrong, naming the parameter.
        let reason: String
    }

    /// Nesting deeper than any Stripe parameter; it bounds the recursion of a hostile body.
    static let maximumDepth = 10
    /// More parameters than any request of this API needs.
    static let maximumPairs = 1_000

    /// No parameters.
    static let empty = StripeForm.fields([:])

    /// Decodes a request body or a query string.
    static func decoding(_ text: String) throws(Malformed) -> StripeForm {
        let pairs = text.split(separator: "&", omittingEmptySubsequences: true)
        guard pairs.count <= maximumPairs else {
            throw Malformed(reason: "Too many parameters: at most \(maximumPairs) are accepted")
        }
        var root = StripeForm.empty
        for pair in pairs {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try unescaped(halves[0])
            let value = halves.count == 2 ? try unescaped(halves[1]) : ""
            let path = try segments(of: name)
            root = try inserting(value, at: path[...], into: root, name: name)
        }
        return root
    }

    private static func unescaped(_ text: Substring) throws(Malformed) -> String {
        let spaced = text.replacing("+", with: " ")
        guard let decoded = spaced.removingPercentEncoding else {
            throw Malformed(reason: "Invalid percent-encoding in '\(text.prefix(80))'")
        }
        return decoded
    }

    /// `metadata[charge_id]` → `["metadata", "charge_id"]`; `expand[]` → `["expand", ""]`.
    private static func segments(of name: String) throws(Malformed) -> [String] {
        guard let open = name.firstIndex(of: "[") else { return [name] }
        var segments = [String(name[..<open])]
        var rest = name[open...]
        while !rest.isEmpty {
            guard rest.first == "[", let close = rest.firstIndex(of: "]") else {
                throw Malformed(reason: "Invalid parameter name: \(name)")
            }
            segments.append(String(rest[rest.index(after: rest.startIndex)..<close]))
            rest = rest[rest.index(after: close)...]
        }
        guard segments.count <= maximumDepth, !segments[0].isEmpty else {
            throw Malformed(reason: "Invalid parameter name: \(name)")
        }
        return segments
    }

    private static func inserting(
        _ value: String, at path: ArraySlice<String>, into node: StripeForm, name: String
    ) throws(Malformed) -> StripeForm {
        guard let first = path.first else { return .text(value) }
        guard case .fields(var fields) = node else {
            throw Malformed(reason: "Parameter \(name) is both a value and an object")
        }
        // An empty name appends to the list.
        let key = first.isEmpty ? String(fields.count) : first
        let existing = fields[key] ?? (path.count == 1 ? .text("") : .empty)
        if path.count == 1, case .fields = existing {
            throw Malformed(reason: "Parameter \(name) is both a value and an object")
        }
        fields[key] = try inserting(value, at: path.dropFirst(), into: existing, name: name)
        return .fields(fields)
    }

    /// The named parts; `nil` for a value.
    var fields: [String: StripeForm]? { if case .fields(let fields) = self { fields } else { nil } }

    /// The value; `nil` for an object or list.
    var text: String? { if case .text(let text) = self { text } else { nil } }

    /// The values of a list in order; `nil` when this is no list of values.
    var texts: [String]? {
        guard let fields else { return nil }
        var indexed: [(index: Int, text: String)] = []
        for (key, value) in fields {
            guard let index = Int(key), let text = value.text else { return nil }
            indexed.append((index, text))
        }
        return indexed.sorted { $0.index < $1.index }.map(\.text)
    }
}
