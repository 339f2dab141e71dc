/// Which parameter of a request an expression came from; it begins every message about it.
enum ExpressionKind: String, Sendable {
    case condition = "ConditionExpression"
    case filter = "FilterExpression"
    case keyCondition = "KeyConditionExpression"
    case update = "UpdateExpression"
    case projection = "ProjectionExpression"

    func invalid(_ reason: String) -> AWSServiceError {
        DynamoDBErrors.validation("Invalid \(rawValue): \(reason)")
    }
}

/// A place inside an item: an attribute and steps into its maps and lists, for example `address.lines[0]`.
struct DocumentPath: Sendable, Hashable {
    enum Step: Sendable, Hashable {
        case member(String)
        case element(Int)
    }

    let attribute: String
    var steps: [Step] = []

    var isTopLevel: Bool { steps.isEmpty }

    /// As DynamoDB writes a path in its messages: `[address, lines, [0]]`.
    var described: String {
        let parts =
            [attribute]
            + steps.map { step in
                switch step {
                case .member(let name): name
                case .element(let index): "[\(index)]"
                }
            }
        return "[\(parts.joined(separator: ", "))]"
    }

    /// The value at this place; `nil` when any step leads nowhere.
    func value(in item: DynamoDBItem) -> DynamoDBValue? {
        var current = item[attribute]
        for step in steps {
            switch (step, current) {
            case (.member(let name), .map(let members)): current = members[name]
            case (.element(let index), .list(let elements)):
                current = elements.indices.contains(index) ? elements[index] : nil
            default: return nil
            }
        }
        return current
    }
}

/// Something a condition compares.
enum ConditionOperand: Sendable {
    case path(DocumentPath)
    case value(DynamoDBValue)
    /// `size(path)`.
    case size(DocumentPath)
}

enum Comparator: String, Sendable {
    case equal = "="
    case notEqual = "<>"
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
}

/// A parsed condition, filter or key condition.
indirect enum Condition: Sendable {
    case compare(Comparator, ConditionOperand, ConditionOperand)
    case between(ConditionOperand, ConditionOperand, ConditionOperand)
    case isIn(ConditionOperand, [ConditionOperand])
    case attributeExists(DocumentPath)
    case attributeNotExists(DocumentPath)
    case attributeType(DocumentPath, String)
    case beginsWith(ConditionOperand, ConditionOperand)
    case contains(DocumentPath, ConditionOperand)
    case and(Condition, Condition)
    case or(Condition, Condition)
    case not(Condition)
}

/// The right-hand side of a SET action.
indirect enum UpdateOperand: Sendable {
    case path(DocumentPath)
    case value(DynamoDBValue)
    case ifNotExists(DocumentPath, UpdateOperand)
    case listAppend(UpdateOperand, UpdateOperand)
    case plus(UpdateOperand, UpdateOperand)
    case minus(UpdateOperand, UpdateOperand)
}

/// A parsed update expression.
struct UpdateExpression: Sendable {
    /// SET.
    var assignments: [(path: DocumentPath, value: UpdateOperand)] = []
    /// REMOVE.
    var removals: [DocumentPath] = []
    /// ADD.
    var additions: [(path: DocumentPath, value: DynamoDBValue)] = []
    /// DELETE.
    var deletions: [(path: DocumentPath, value: DynamoDBValue)] = []

    /// Every path the expression changes.
    var paths: [DocumentPath] {
        assignments.map(\.path) + removals + additions.map(\.path) + deletions.map(\.path)
    }
}

/// The names and values a request defines for its expressions; using one is noted, for an unused one is an error.
struct ExpressionPlaceholders: Sendable {
    private let names: [String: String]
    private let values: [String: DynamoDBValue]
    private var unusedNames: Set<String>
    private var unusedValues: Set<String>

    init(_ input: AWSInput) throws(AWSServiceError) {
        names = try input.stringMap("ExpressionAttributeNames") ?? [:]
        values = try input.item("ExpressionAttributeValues") ?? [:]
        for name in names.keys.sorted() where !name.hasPrefix("#") || name.utf8.count < 2 {
            throw DynamoDBErrors.validation(
                "ExpressionAttributeNames contains invalid key: Syntax error; key: \"\(name)\"")
        }
        for name in values.keys.sorted() where !name.hasPrefix(":") || name.utf8.count < 2 {
            throw DynamoDBErrors.validation(
                "ExpressionAttributeValues contains invalid key: Syntax error; key: \"\(name)\"")
        }
        unusedNames = Set(names.keys)
        unusedValues = Set(values.keys)
    }

    mutating func name(_ placeholder: String, _ kind: ExpressionKind) throws(AWSServiceError) -> String {
        guard let name = names[placeholder] else {
            throw kind.invalid(
                "An expression attribute name used in the document path is not defined; attribute name: \(placeholder)")
        }
        unusedNames.remove(placeholder)
        return name
    }

    mutating func value(_ placeholder: String, _ kind: ExpressionKind) throws(AWSServiceError) -> DynamoDBValue {
        guard let value = values[placeholder] else {
            throw kind.invalid(
                "An expression attribute value used in expression is not defined; attribute value: \(placeholder)")
        }
        unusedValues.remove(placeholder)
        return value
    }

    /// To be called when every expression of the request was parsed.
    func checkAllUsed(anyExpression: Bool) throws(AWSServiceError) {
        if !anyExpression, !names.isEmpty {
            throw DynamoDBErrors.validation("ExpressionAttributeNames can only be specified when using expressions")
        }
        if !anyExpression, !values.isEmpty {
            throw DynamoDBErrors.validation("ExpressionAttributeValues can only be specified when using expressions")
        }
        if !unusedNames.isEmpty {
            throw DynamoDBErrors.validation(
                "Value provided in ExpressionAttributeNames unused in expressions: keys: "
                    + "{\(unusedNames.sorted().joined(separator: ", "))}")
        }
        if !unusedValues.isEmpty {
            throw DynamoDBErrors.validation(
                "Value provided in ExpressionAttributeValues unused in expressions: keys: "
                    + "{\(unusedValues.sorted().joined(separator: ", "))}")
        }
    }
}
