import Foundation

/// The parameters of one request, read with Stripe's own validation errors.
struct StripeParameters: Sendable, Equatable {
    private let fields: [String: StripeForm]

    /// Stripe's documented limits on metadata.
    static let maximumMetadataKeys = 50
    /// Characters in a metadata key.
    static let maximumMetadataKeyLength = 40
    /// Characters in a metadata value.
    static let maximumMetadataValueLength = 500

    init(_ form: StripeForm) {
        fields = form.fields ?? [:]
    }

    /// Refuses what the endpoint does not know, as Stripe does.
    func allowOnly(_ names: Set<String>) throws(StripeError) {
        guard let unknown = fields.keys.filter({ !names.contains($0) }).sorted().first else { return }
        throw .invalidParameter(
            "Received unknown parameter: \(unknown)", code: "parameter_unknown", parameter: unknown)
    }

    /// A text; an empty one counts as absent, because an empty value unsets a parameter.
    func text(_ name: String) throws(StripeError) -> String? {
        guard let value = fields[name] else { return nil }
        guard let text = value.text else {
            throw .invalidParameter("Invalid string: \(name) must be a single value", parameter: name)
        }
        return text.isEmpty ? nil : text
    }

    /// A whole number.
    func integer(_ name: String) throws(StripeError) -> Int64? {
        guard let text = try text(name) else { return nil }
        guard let integer = Int64(text) else {
            throw .invalidParameter(
                "Invalid integer: \(text)", code: "parameter_invalid_integer", parameter: name)
        }
        return integer
    }

    /// `true` or `false`.
    func boolean(_ name: String) throws(StripeError) -> Bool? {
        switch try text(name) {
        case nil: return nil
        case "true": return true
        case "false": return false
        case .some(let text): throw .invalidParameter("Invalid boolean: \(text)", parameter: name)
        }
    }

    /// One of the listed words.
    func choice(_ name: String, of allowed: [String]) throws(StripeError) -> String? {
        guard let text = try text(name) else { return nil }
        guard allowed.contains(text) else {
            throw .invalidParameter(
                "Invalid \(name): must be one of \(allowed.joined(separator: ", "))", parameter: name)
        }
        return text
    }

    /// A list of texts; empty when absent.
    func texts(_ name: String) throws(StripeError) -> [String] {
        guard let value = fields[name] else { return [] }
        guard let texts = value.texts else { throw .invalidParameter("Invalid array", parameter: name) }
        return texts
    }

    /// The parameters nested under a name; empty when absent.
    func nested(_ name: String) throws(StripeError) -> StripeParameters {
        guard let value = fields[name] else { return StripeParameters(.empty) }
        guard value.fields != nil else { throw .invalidParameter("Invalid object", parameter: name) }
        return StripeParameters(value)
    }

    /// Whether the parameter was given at all.
    func has(_ name: String) -> Bool {
        fields[name] != nil
    }

    /// The `metadata` of the request within Stripe's limits; a key with an empty value is left out.
    func metadata() throws(StripeError) -> [String: String] {
        guard let value = fields["metadata"] else { return [:] }
        guard let entries = value.fields else {
            throw .invalidParameter("Invalid object", parameter: "metadata")
        }
        guard entries.count <= Self.maximumMetadataKeys else {
            throw .invalidParameter(
                "You can only specify up to \(Self.maximumMetadataKeys) metadata keys.", parameter: "metadata")
        }
        var metadata: [String: String] = [:]
        for (key, entry) in entries {
            guard let text = entry.text, key.count <= Self.maximumMetadataKeyLength,
                text.count <= Self.maximumMetadataValueLength
            else {
                throw .invalidParameter(
                    "Metadata keys have at most \(Self.maximumMetadataKeyLength) characters, values at most "
                        + "\(Self.maximumMetadataValueLength), and values are not nested.",
                    parameter: "metadata[\(key)]")
            }
            if !text.isEmpty { metadata[key] = text }
        }
        return metadata
    }
}
