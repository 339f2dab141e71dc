import Foundation
import LocalEmulator

/// What `${name}` stands for in a fixture.
struct FixtureVariables {
    private let file: String
    private var values: [String: String]

    /// Starts with the present moment: `now` as it stands in an envelope, `now_seconds` as it stands at Stripe.
    init(file: String, now: Date = Date()) {
        self.file = file
        values = [
            "now": now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)),
            "now_seconds": String(Int(now.timeIntervalSince1970)),
        ]
    }

    /// Gives a name a value.
    mutating func set(_ name: String, _ value: String) {
        values[name] = value
    }

    /// Replaces every placeholder in a document's texts and member names.
    ///
    /// - Throws: `FixtureError` for a name that has no value.
    func substitute(_ value: JSONValue) throws -> JSONValue {
        switch value {
        case .string(let text): .string(try substitute(text))
        case .array(let elements): .array(try elements.map(substitute))
        case .object(let members):
            .object(
                Dictionary(
                    try members.map { (try substitute($0.key), try substitute($0.value)) },
                    uniquingKeysWith: { first, _ in first }))
        default: value
        }
    }

    private func substitute(_ text: String) throws -> String {
        try text.replacing(/\$\{([^}]*)\}/) { match in
            guard let value = values[String(match.1)] else {
                let known = values.keys.sorted().joined(separator: ", ")
                throw FixtureError(file: file, reason: "nothing gives \(match.0) a value; known are \(known)")
            }
            return value
        }
    }
}
