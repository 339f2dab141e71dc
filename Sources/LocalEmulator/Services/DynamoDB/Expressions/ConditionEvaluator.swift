import Foundation

extension Condition {
    /// Whether the condition holds for an item; an item that does not exist is one without attributes.
    func holds(for item: DynamoDBItem) -> Bool {
        switch self {
        case .compare(let comparator, let left, let right):
            Self.compare(comparator, left.value(in: item), right.value(in: item))
        case .between(let operand, let low, let high):
            Self.compare(.greaterOrEqual, operand.value(in: item), low.value(in: item))
                && Self.compare(.lessOrEqual, operand.value(in: item), high.value(in: item))
        case .isIn(let operand, let candidates):
            candidates.contains { Self.compare(.equal, operand.value(in: item), $0.value(in: item)) }
        case .attributeExists(let path): path.value(in: item) != nil
        case .attributeNotExists(let path): path.value(in: item) == nil
        case .attributeType(let path, let type): path.value(in: item)?.typeName == type
        case .beginsWith(let operand, let prefix):
            Self.begins(operand.value(in: item), with: prefix.value(in: item))
        case .contains(let path, let operand):
            Self.contains(path.value(in: item), operand.value(in: item))
        case .and(let left, let right): left.holds(for: item) && right.holds(for: item)
        case .or(let left, let right): left.holds(for: item) || right.holds(for: item)
        case .not(let inner): !inner.holds(for: item)
        }
    }

    /// Values of different types, or one that is absent, are never equal, smaller or greater: only `<>` holds.
    private static func compare(_ comparator: Comparator, _ left: DynamoDBValue?, _ right: DynamoDBValue?) -> Bool {
        switch comparator {
        case .equal: return left != nil && left == right
        case .notEqual: return left == nil || left != right
        case .less, .lessOrEqual, .greater, .greaterOrEqual: break
        }
        guard let left, let right, let isLess = DynamoDBValue.isLess(left, right) else { return false }
        switch comparator {
        case .less: return isLess
        case .lessOrEqual: return isLess || left == right
        case .greater: return !isLess && left != right
        default: return !isLess
        }
    }

    private static func begins(_ value: DynamoDBValue?, with prefix: DynamoDBValue?) -> Bool {
        switch (value, prefix) {
        case (.string(let text), .string(let prefix)): text.text.utf8.starts(with: prefix.text.utf8)
        case (.binary(let data), .binary(let prefix)): data.starts(with: prefix)
        default: false
        }
    }

    /// Text inside text, bytes inside bytes, an element of a set or of a list.
    private static func contains(_ value: DynamoDBValue?, _ part: DynamoDBValue?) -> Bool {
        switch (value, part) {
        case (.string(let text), .string(let part)):
            part.text.isEmpty || Data(text.text.utf8).range(of: Data(part.text.utf8)) != nil
        case (.binary(let data), .binary(let part)): part.isEmpty || data.range(of: part) != nil
        case (.stringSet(let elements), .string(let part)): elements.contains(part)
        case (.numberSet(let elements), .number(let part)): elements.contains(part)
        case (.binarySet(let elements), .binary(let part)): elements.contains(part)
        case (.list(let elements), .some(let part)): elements.contains(part)
        default: false
        }
    }
}

extension ConditionOperand {
    func value(in item: DynamoDBItem) -> DynamoDBValue? {
        switch self {
        case .path(let path): path.value(in: item)
        case .value(let value): value
        case .size(let path): path.value(in: item)?.size.map { .number(DynamoDBNumber($0)) }
        }
    }
}

extension DynamoDBValue {
    /// What `size()` says: bytes of text (as UTF-8) or binary, members of a collection; nothing for other types.
    fileprivate var size: Int? {
        switch self {
        case .string(let text): text.text.utf8.count
        case .binary(let data): data.count
        case .list(let elements): elements.count
        case .map(let members): members.count
        case .stringSet(let elements): elements.count
        case .numberSet(let elements): elements.count
        case .binarySet(let elements): elements.count
        case .number, .boolean, .null: nil
        }
    }
}
