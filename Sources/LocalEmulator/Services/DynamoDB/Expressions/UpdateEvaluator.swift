extension UpdateExpression {
    /// The item after the update. Every right-hand side sees the item as it was before.
    func applied(to item: DynamoDBItem) throws(AWSServiceError) -> DynamoDBItem {
        var changes: [(path: DocumentPath, value: DynamoDBValue?)] = []
        for (path, operand) in assignments { changes.append((path, try operand.value(in: item))) }
        for (path, addend) in additions { changes.append((path, try Self.sum(path.value(in: item), addend))) }
        for (path, subtrahend) in deletions {
            // Nothing to delete from is no error, unless the place itself cannot exist; `assign` tells.
            let current = path.value(in: item)
            changes.append(
                (
                    path,
                    try current.flatMap { (set) throws(AWSServiceError) in
                        try Self.difference(set, subtrahend)
                    }
                ))
        }
        // Elements are removed from the back so that the indices of the others stay true, and set from the front so
        // that those beyond the end are appended in order.
        let removed = removals.map { (path: $0, value: DynamoDBValue?.none) }
        let emptied = (changes.filter { $0.value == nil } + removed).sorted { $1.path.precedes($0.path) }
        let assigned = changes.filter { $0.value != nil }.sorted { $0.path.precedes($1.path) }
        var updated = item
        for (path, value) in assigned + emptied {
            try updated.assign(value, at: path)
        }
        return updated
    }

    private static func sum(_ current: DynamoDBValue?, _ addend: DynamoDBValue) throws(AWSServiceError) -> DynamoDBValue
    {
        switch (current, addend) {
        case (nil, _): return addend
        case (.number(let left), .number(let right)):
            return .number(try exact { () throws(DynamoDBNumber.ParseError) in try left.adding(right) })
        case (.stringSet(let left), .stringSet(let right)): return .stringSet(left.union(right))
        case (.numberSet(let left), .numberSet(let right)): return .numberSet(left.union(right))
        case (.binarySet(let left), .binarySet(let right)): return .binarySet(left.union(right))
        default: throw UpdateErrors.incorrectType
        }
    }

    /// What is left of a set; nothing left means that the attribute goes, since a set cannot be empty.
    private static func difference(
        _ current: DynamoDBValue, _ subtrahend: DynamoDBValue
    ) throws(AWSServiceError) -> DynamoDBValue? {
        switch (current, subtrahend) {
        case (.stringSet(let left), .stringSet(let right)):
            let rest = left.subtracting(right)
            return rest.isEmpty ? nil : .stringSet(rest)
        case (.numberSet(let left), .numberSet(let right)):
            let rest = left.subtracting(right)
            return rest.isEmpty ? nil : .numberSet(rest)
        case (.binarySet(let left), .binarySet(let right)):
            let rest = left.subtracting(right)
            return rest.isEmpty ? nil : .binarySet(rest)
        default: throw UpdateErrors.incorrectType
        }
    }

    fileprivate static func exact(
        _ arithmetic: () throws(DynamoDBNumber.ParseError) -> DynamoDBNumber
    ) throws(AWSServiceError) -> DynamoDBNumber {
        do throws(DynamoDBNumber.ParseError) {
            return try arithmetic()
        } catch {
            throw DynamoDBErrors.validation(error.message)
        }
    }
}

private enum UpdateErrors {
    static let incorrectType = DynamoDBErrors.validation(
        "An operand in the update expression has an incorrect data type")
    static let missingAttribute = DynamoDBErrors.validation(
        "The provided expression refers to an attribute that does not exist in the item")
    static let invalidPath = DynamoDBErrors.validation(
        "The document path provided in the update expression is invalid for update")
}

extension UpdateOperand {
    fileprivate func value(in item: DynamoDBItem) throws(AWSServiceError) -> DynamoDBValue {
        switch self {
        case .value(let value): return value
        case .path(let path):
            guard let value = path.value(in: item) else { throw UpdateErrors.missingAttribute }
            return value
        case .ifNotExists(let path, let fallback):
            if let value = path.value(in: item) { return value }
            return try fallback.value(in: item)
        case .listAppend(let first, let second):
            guard case .list(let front) = try first.value(in: item), case .list(let back) = try second.value(in: item)
            else { throw UpdateErrors.incorrectType }
            return .list(front + back)
        case .plus(let left, let right):
            let (left, right) = (try left.number(in: item), try right.number(in: item))
            return .number(
                try UpdateExpression.exact { () throws(DynamoDBNumber.ParseError) in try left.adding(right) })
        case .minus(let left, let right):
            let (left, right) = (try left.number(in: item), try right.number(in: item))
            return .number(
                try UpdateExpression.exact { () throws(DynamoDBNumber.ParseError) in try left.subtracting(right) })
        }
    }

    private func number(in item: DynamoDBItem) throws(AWSServiceError) -> DynamoDBNumber {
        guard case .number(let number) = try value(in: item) else { throw UpdateErrors.incorrectType }
        return number
    }
}

extension DocumentPath {
    /// An order in which elements of one list follow each other by index.
    fileprivate func precedes(_ other: DocumentPath) -> Bool {
        if attribute != other.attribute { return attribute < other.attribute }
        for (left, right) in zip(steps, other.steps) where left != right {
            switch (left, right) {
            case (.element(let left), .element(let right)): return left < right
            case (.member(let left), .member(let right)): return left < right
            case (.member, .element): return true
            case (.element, .member): return false
            }
        }
        return steps.count < other.steps.count
    }
}

extension [String: DynamoDBValue] {
    /// Puts a value at a path, or removes what is there. The containers on the way must exist.
    fileprivate mutating func assign(_ value: DynamoDBValue?, at path: DocumentPath) throws(AWSServiceError) {
        guard !path.isTopLevel else {
            self[path.attribute] = value
            return
        }
        guard var root = self[path.attribute] else { throw UpdateErrors.invalidPath }
        try root.assign(value, at: path.steps[...])
        self[path.attribute] = root
    }
}

extension DynamoDBValue {
    fileprivate mutating func assign(
        _ value: DynamoDBValue?, at steps: ArraySlice<DocumentPath.Step>
    ) throws(AWSServiceError) {
        guard let step = steps.first else { return }
        let rest = steps.dropFirst()
        switch (step, self) {
        case (.member(let name), .map(var members)):
            if rest.isEmpty {
                members[name] = value
            } else {
                guard var inner = members[name] else { throw UpdateErrors.invalidPath }
                try inner.assign(value, at: rest)
                members[name] = inner
            }
            self = .map(members)
        case (.element(let index), .list(var elements)):
            if !rest.isEmpty {
                guard elements.indices.contains(index) else { throw UpdateErrors.invalidPath }
                try elements[index].assign(value, at: rest)
            } else if let value {
                // An index behind the end appends.
                if elements.indices.contains(index) { elements[index] = value } else { elements.append(value) }
            } else if elements.indices.contains(index) {
                elements.remove(at: index)
            }
            self = .list(elements)
        default: throw UpdateErrors.invalidPath
        }
    }
}
