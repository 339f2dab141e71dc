import Domain
import FoundationEssentials
import FunctionsShared
import Telemetry

/// Reads the members of a JSON object one by one and names the parameter in every complaint.
struct RequestParameters {
    private let members: [String: JSON]
    /// The path of the object inside the body, with a trailing dot when it is nested.
    private let prefix: String

    /// - Throws: when there is a member that none of the names stands for: a misspelt `capture_mode` must not take
    ///   money that the merchant only wanted to reserve.
    init(_ members: [String: JSON], prefix: String = "", allowed: Set<String>) throws(APIError) {
        self.members = members
        self.prefix = prefix
        if let unknown = members.keys.sorted().first(where: { !allowed.contains($0) }) {
            throw Self.error("parameter_unknown", prefix + unknown, "is not a parameter of this request")
        }
    }

    /// A text of at most so many Unicode scalars, without control characters; `nil` when absent or null.
    func text(_ name: String, maximumLength: Int) throws(APIError) -> String? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value else { throw invalid(name, "must be a string") }
        guard !text.isEmpty else { throw invalid(name, "must not be empty") }
        guard PlainText.hasAtMost(maximumLength, text) else {
            throw invalid(name, "must have at most \(maximumLength) characters")
        }
        guard PlainText.isPlain(text) else { throw invalid(name, "must not have control characters") }
        return text
    }

    func requiredText(_ name: String, maximumLength: Int) throws(APIError) -> String {
        guard let text = try text(name, maximumLength: maximumLength) else { throw missing(name) }
        return text
    }

    /// A positive whole number; `nil` when absent or null.
    func positiveInteger(_ name: String, maximum: Int64) throws(APIError) -> Int64? {
        guard let value = value(name) else { return nil }
        guard case .integer(let number) = value else {
            throw invalid(name, "must be a whole number in minor units of the currency")
        }
        guard number > 0, number <= maximum else { throw invalid(name, "must be between 1 and \(maximum)") }
        return number
    }

    func requiredPositiveInteger(_ name: String, maximum: Int64) throws(APIError) -> Int64 {
        guard let number = try positiveInteger(name, maximum: maximum) else { throw missing(name) }
        return number
    }

    /// A nested object; `nil` when absent or null.
    func object(_ name: String) throws(APIError) -> [String: JSON]? {
        guard let value = value(name) else { return nil }
        guard case .object(let members) = value else { throw invalid(name, "must be an object") }
        return members
    }

    func missing(_ name: String) -> APIError {
        Self.error("parameter_missing", prefix + name, "is required")
    }

    func invalid(_ name: String, _ problem: String) -> APIError {
        Self.error("parameter_invalid", prefix + name, problem)
    }

    static func error(_ code: String, _ path: String, _ problem: String) -> APIError {
        APIError(
            status: 400, kind: .invalidRequest, code: code, message: "Parameter '\(path)' \(problem).",
            parameter: path)
    }

    private func value(_ name: String) -> JSON? {
        members[name].flatMap { $0 == .null ? nil : $0 }
    }
}

/// Keeps card numbers out: whatever a request holds is stored, queued and streamed, and none of that may carry one.
enum CardDataGuard {
    /// - Throws: when a text anywhere in the document holds a sequence that could be a card number.
    static func check(_ document: JSON, path: String = "") throws(APIError) {
        switch document {
        case .string(let text):
            guard isClean(text) else { throw refusal(path) }
        case .array(let elements):
            for (index, element) in elements.enumerated() { try check(element, path: "\(path)[\(index)]") }
        case .object(let members):
            for (name, member) in members {
                guard isClean(name) else { throw refusal(path.isEmpty ? "body" : path) }
                try check(member, path: path.isEmpty ? name : path + "." + name)
            }
        case .integer(let number):
            guard isClean(String(number)) else { throw refusal(path) }
        case .null, .boolean, .number:
            break
        }
    }

    /// What the log masks is what must not come in.
    static func isClean(_ text: String) -> Bool { Redaction.mask(text) == text }

    private static func refusal(_ path: String) -> APIError {
        RequestParameters.error(
            "card_data_not_accepted", path,
            "holds what looks like a card number; send a payment method token instead")
    }
}
