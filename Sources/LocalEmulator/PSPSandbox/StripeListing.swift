/// Stripe's lists: newest first, by cursor (docs.stripe.com/api/pagination).
enum StripeListing {
    /// Objects per page when the caller does not say.
    static let defaultLimit: Int64 = 10
    /// The most objects per page.
    static let maximumLimit: Int64 = 100
    /// The parameters every list takes.
    static let parameterNames: Set<String> = ["limit", "starting_after", "ending_before", "created", "expand"]

    /// One page of the objects a filter lets through.
    static func page<Object: StripeObject>(
        of collection: StripeCollection<Object>, kind: String, url: String, _ parameters: StripeParameters,
        where isIncluded: (Object) -> Bool = { _ in true }
    ) throws(StripeError) -> JSONValue {
        let limit = try parameters.integer("limit") ?? defaultLimit
        guard (1...maximumLimit).contains(limit) else {
            throw .invalidParameter(
                "Invalid limit: must be between 1 and \(maximumLimit)", code: "parameter_invalid_integer",
                parameter: "limit")
        }
        let span = try CreatedSpan(parameters)
        let newestFirst = collection.all.reversed().filter { span.contains($0.created) && isIncluded($0) }
        let (page, hasMore) = try cut(Array(newestFirst), Int(limit), kind, parameters)
        return [
            "object": "list", "url": .string(url), "has_more": .bool(hasMore),
            "data": .array(page.map(\.rendered)),
        ]
    }

    private static func cut<Object: StripeObject>(
        _ objects: [Object], _ limit: Int, _ kind: String, _ parameters: StripeParameters
    ) throws(StripeError) -> (page: ArraySlice<Object>, hasMore: Bool) {
        if let cursor = try parameters.text("ending_before") {
            let end = try position(of: cursor, in: objects, kind, "ending_before")
            let before = objects[..<end]
            return (before.suffix(limit), before.count > limit)
        }
        guard let cursor = try parameters.text("starting_after") else {
            return (objects.prefix(limit), objects.count > limit)
        }
        let start = try position(of: cursor, in: objects, kind, "starting_after")
        let after = objects[(start + 1)...]
        return (after.prefix(limit), after.count > limit)
    }

    private static func position<Object: StripeObject>(
        of id: String, in objects: [Object], _ kind: String, _ parameter: String
    ) throws(StripeError) -> Int {
        guard let position = objects.firstIndex(where: { $0.id == id }) else {
            throw .missing(kind, id, parameter: parameter, status: 400)
        }
        return position
    }

    /// The filter `created`: an exact second, or `gt`, `gte`, `lt`, `lte`.
    private struct CreatedSpan {
        private var first = Int64.min
        private var last = Int64.max

        init(_ parameters: StripeParameters) throws(StripeError) {
            guard parameters.has("created") else { return }
            if let exact = try? parameters.integer("created") {
                (first, last) = (exact, exact)
                return
            }
            let bounds = try parameters.nested("created")
            try bounds.allowOnly(["gt", "gte", "lt", "lte"])
            if let bound = try bounds.integer("gt") { first = max(first, bound &+ 1) }
            if let bound = try bounds.integer("gte") { first = max(first, bound) }
            if let bound = try bounds.integer("lt") { last = min(last, bound &- 1) }
            if let bound = try bounds.integer("lte") { last = min(last, bound) }
        }

        func contains(_ created: Int64) -> Bool { created >= first && created <= last }
    }
}
