/// The parameter `expand[]`: identifiers in an answer replaced by the objects they name.
enum StripeExpansion {
    /// Stripe's limit on the depth of one expansion.
    static let maximumDepth = 4

    /// Expands every path, for example `latest_charge.balance_transaction` or, in a list, `data.latest_charge`.
    static func expand(
        _ value: JSONValue, _ paths: [String], find: (String) -> JSONValue?
    ) throws(StripeError) -> JSONValue {
        var expanded = value
        for path in paths {
            let segments = path.split(separator: ".").map(String.init)
            guard !segments.isEmpty, segments.count <= maximumDepth else {
                throw .invalidParameter(
                    "You cannot expand more than \(maximumDepth) levels of a property (\(path)).", parameter: "expand")
            }
            expanded = try expand(expanded, segments[...], path, find: find)
        }
        return expanded
    }

    private static func expand(
        _ value: JSONValue, _ segments: ArraySlice<String>, _ path: String, find: (String) -> JSONValue?
    ) throws(StripeError) -> JSONValue {
        guard let name = segments.first else { return value }
        if case .array(let elements) = value {
            var expanded: [JSONValue] = []
            for element in elements { expanded.append(try expand(element, segments, path, find: find)) }
            return .array(expanded)
        }
        guard case .object(var members) = value, let member = members[name] else {
            throw .invalidParameter("This property cannot be expanded (\(path)).", parameter: "expand")
        }
        // An absent object stays null; an object already expanded is only descended into.
        if case .null = member { return value }
        guard let object = member.stringValue.map(find) ?? member else {
            throw .invalidParameter("This property cannot be expanded (\(path)).", parameter: "expand")
        }
        members[name] = try expand(object, segments.dropFirst(), path, find: find)
        return .object(members)
    }
}
