/// A key condition understood: one partition and, if asked for, a run of its sort keys.
struct KeyCondition: Sendable {
    let hash: DynamoDBValue
    let range: SortKeyCondition?

    private static let unsupported = DynamoDBErrors.validation("Query key condition not supported")
    private static let wrongType = DynamoDBErrors.validation(
        "One or more parameter values were invalid: Condition parameter type does not match schema type")

    init(_ condition: Condition, schema: KeySchema) throws(AWSServiceError) {
        var hash: DynamoDBValue?
        var range: SortKeyCondition?
        for part in try Self.conjuncts(condition) {
            let (attribute, sortKeyCondition) = try Self.simple(part)
            if attribute == schema.hash.name, hash == nil {
                guard case .compare(.equal, let value) = sortKeyCondition else { throw Self.unsupported }
                guard value.typeName == schema.hash.type else { throw Self.wrongType }
                hash = value
            } else if let rangeKey = schema.range, attribute == rangeKey.name, range == nil {
                guard sortKeyCondition.values.allSatisfy({ $0.typeName == rangeKey.type }) else { throw Self.wrongType }
                range = sortKeyCondition
            } else {
                let missed = hash == nil ? schema.hash.name : schema.range?.name ?? schema.hash.name
                throw DynamoDBErrors.validation("Query condition missed key schema element: \(missed)")
            }
        }
        guard let hash else {
            throw DynamoDBErrors.validation("Query condition missed key schema element: \(schema.hash.name)")
        }
        self.hash = hash
        self.range = range
    }

    private static func conjuncts(_ condition: Condition) throws(AWSServiceError) -> [Condition] {
        switch condition {
        case .and(let left, let right): return try conjuncts(left) + conjuncts(right)
        case .or: throw ExpressionKind.keyCondition.invalid("Invalid operator used in KeyConditionExpression: OR")
        case .not: throw ExpressionKind.keyCondition.invalid("Invalid operator used in KeyConditionExpression: NOT")
        default: return [condition]
        }
    }

    /// A comparison of one top-level attribute with values.
    private static func simple(_ condition: Condition) throws(AWSServiceError) -> (String, SortKeyCondition) {
        switch condition {
        case .compare(let comparator, .path(let path), .value(let value))
        where path.isTopLevel && comparator != .notEqual:
            return (path.attribute, .compare(comparator, value))
        case .compare(let comparator, .value(let value), .path(let path))
        where path.isTopLevel && comparator != .notEqual:
            return (path.attribute, .compare(comparator.mirrored, value))
        case .between(.path(let path), .value(let low), .value(let high)) where path.isTopLevel:
            return (path.attribute, .between(low, high))
        case .beginsWith(.path(let path), .value(let prefix)) where path.isTopLevel:
            return (path.attribute, .beginsWith(prefix))
        default: throw unsupported
        }
    }
}

extension Comparator {
    /// The comparator with its sides exchanged.
    fileprivate var mirrored: Comparator {
        switch self {
        case .equal, .notEqual: self
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        }
    }
}

extension SortKeyCondition {
    fileprivate var values: [DynamoDBValue] {
        switch self {
        case .compare(_, let value), .beginsWith(let value): [value]
        case .between(let low, let high): [low, high]
        }
    }
}

extension Condition {
    /// Every attribute the condition looks at.
    var attributes: Set<String> {
        switch self {
        case .compare(_, let left, let right), .beginsWith(let left, let right):
            left.attributes.union(right.attributes)
        case .between(let operand, let low, let high):
            operand.attributes.union(low.attributes).union(high.attributes)
        case .isIn(let operand, let candidates): candidates.reduce(operand.attributes) { $0.union($1.attributes) }
        case .attributeExists(let path), .attributeNotExists(let path), .attributeType(let path, _): [path.attribute]
        case .contains(let path, let operand): operand.attributes.union([path.attribute])
        case .and(let left, let right), .or(let left, let right): left.attributes.union(right.attributes)
        case .not(let inner): inner.attributes
        }
    }
}

extension ConditionOperand {
    fileprivate var attributes: Set<String> {
        switch self {
        case .path(let path), .size(let path): [path.attribute]
        case .value: []
        }
    }
}
