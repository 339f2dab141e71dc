extension ExpressionParser {
    /// Up to one section each of SET, REMOVE, ADD and DELETE, in any order.
    mutating func update() throws(AWSServiceError) -> UpdateExpression {
        var update = UpdateExpression()
        var seen: Set<String> = []
        repeat {
            guard case .word(let word) = current else { throw syntaxError() }
            let section = word.uppercased()
            guard ["SET", "REMOVE", "ADD", "DELETE"].contains(section) else { throw syntaxError() }
            guard seen.insert(section).inserted else {
                throw kind.invalid("The \"\(section)\" section can only be used once in an update expression;")
            }
            advance()
            repeat { try action(section, into: &update) } while accept(",")
        } while current != .end
        try DocumentPath.checkNoOverlap(update.paths, kind)
        return update
    }

    private mutating func action(_ section: String, into update: inout UpdateExpression) throws(AWSServiceError) {
        try countOperator()
        let path = try path()
        switch section {
        case "SET":
            try expect("=")
            update.assignments.append((path, try setValue()))
        case "REMOVE": update.removals.append(path)
        case "ADD":
            let value = try value()
            switch value {
            case .number, .stringSet, .numberSet, .binarySet: update.additions.append((path, value))
            default: throw incorrectUpdateOperand("ADD", value)
            }
        default:
            let value = try value()
            switch value {
            case .stringSet, .numberSet, .binarySet: update.deletions.append((path, value))
            default: throw incorrectUpdateOperand("DELETE", value)
            }
        }
    }

    /// An operand, or the sum or difference of two.
    private mutating func setValue() throws(AWSServiceError) -> UpdateOperand {
        let left = try updateOperand()
        if accept("+") {
            let right = try updateOperand()
            try requireNumbers(left, right, operator: "+")
            return .plus(left, right)
        }
        if accept("-") {
            let right = try updateOperand()
            try requireNumbers(left, right, operator: "-")
            return .minus(left, right)
        }
        return left
    }

    private mutating func updateOperand() throws(AWSServiceError) -> UpdateOperand {
        if case .valuePlaceholder = current { return .value(try value()) }
        if accept("(") {
            try enter()
            defer { nesting -= 1 }
            let inner = try setValue()
            try expect(")")
            return inner
        }
        guard let name = functionName else { return .path(try path()) }
        try enter()
        defer { nesting -= 1 }
        advance()
        try expect("(")
        let operand: UpdateOperand
        switch name {
        case "if_not_exists":
            if case .valuePlaceholder = current {
                throw kind.invalid(
                    "Operator or function requires a document path; operator or function: if_not_exists")
            }
            let path = try path()
            try expect(",")
            operand = .ifNotExists(path, try updateOperand())
        case "list_append":
            let first = try updateOperand()
            try expect(",")
            let second = try updateOperand()
            for case .value(let value) in [first, second] {
                guard case .list = value else { throw incorrectUpdateOperand("list_append", value) }
            }
            operand = .listAppend(first, second)
        default: throw invalidFunction(name)
        }
        try expect(")")
        return operand
    }

    private func requireNumbers(
        _ left: UpdateOperand, _ right: UpdateOperand, operator name: String
    ) throws(AWSServiceError) {
        for case .value(let value) in [left, right] {
            guard case .number = value else { throw incorrectUpdateOperand(name, value) }
        }
    }

    private func incorrectUpdateOperand(_ name: String, _ value: DynamoDBValue) -> AWSServiceError {
        kind.invalid(
            "Incorrect operand type for operator or function; operator or function: \(name), operand type: "
                + value.typeName)
    }
}

extension DocumentPath {
    /// No path may lie inside another, and a place cannot be both a map and a list.
    static func checkNoOverlap(_ paths: [DocumentPath], _ kind: ExpressionKind) throws(AWSServiceError) {
        for (index, first) in paths.enumerated() {
            for second in paths[(index + 1)...] where first.attribute == second.attribute {
                let shared = zip(first.steps, second.steps).prefix { $0 == $1 }.count
                if shared == min(first.steps.count, second.steps.count) {
                    throw kind.invalid(
                        "Two document paths overlap with each other; must remove or rewrite one of these paths; "
                            + "path one: \(first.described), path two: \(second.described)")
                }
                if !first.steps[shared].isSameKind(as: second.steps[shared]) {
                    throw kind.invalid(
                        "Two document paths conflict with each other; must remove or rewrite one of these paths; "
                            + "path one: \(first.described), path two: \(second.described)")
                }
            }
        }
    }
}

extension DocumentPath.Step {
    fileprivate func isSameKind(as other: DocumentPath.Step) -> Bool {
        switch (self, other) {
        case (.member, .member), (.element, .element): true
        default: false
        }
    }
}
