extension ExpressionParser {
    /// OR binds loosest, then AND, then NOT.
    mutating func condition() throws(AWSServiceError) -> Condition {
        try enter()
        defer { nesting -= 1 }
        var left = try conjunction()
        while acceptKeyword("OR") {
            try countOperator()
            left = .or(left, try conjunction())
        }
        return left
    }

    private mutating func conjunction() throws(AWSServiceError) -> Condition {
        var left = try negation()
        while acceptKeyword("AND") {
            try countOperator()
            left = .and(left, try negation())
        }
        return left
    }

    private mutating func negation() throws(AWSServiceError) -> Condition {
        guard acceptKeyword("NOT") else { return try primary() }
        try countOperator()
        try enter()
        defer { nesting -= 1 }
        return .not(try negation())
    }

    private mutating func primary() throws(AWSServiceError) -> Condition {
        if accept("(") {
            let inner = try condition()
            try expect(")")
            return inner
        }
        if let name = functionName, name != "size" { return try functionCondition(name) }
        let left = try operand()
        try countOperator()
        if acceptKeyword("BETWEEN") { return try between(left) }
        if acceptKeyword("IN") { return try membership(left) }
        guard case .sign(let sign) = current, let comparator = Comparator(rawValue: sign) else { throw syntaxError() }
        advance()
        let right = try operand()
        if comparator != .equal, comparator != .notEqual {
            try requireOrdered(left, operator: sign)
            try requireOrdered(right, operator: sign)
        }
        return .compare(comparator, left, right)
    }

    private mutating func between(_ left: ConditionOperand) throws(AWSServiceError) -> Condition {
        let low = try operand()
        guard acceptKeyword("AND") else { throw syntaxError() }
        let high = try operand()
        try requireOrdered(low, operator: "BETWEEN")
        try requireOrdered(high, operator: "BETWEEN")
        if case .value(let lowValue) = low, case .value(let highValue) = high {
            guard let isReversed = DynamoDBValue.isLess(highValue, lowValue) else {
                throw kind.invalid(
                    "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: "
                        + "AttributeValue: \(lowValue.wire.text), upper bound operand: AttributeValue: \(highValue.wire.text)"
                )
            }
            guard !isReversed else {
                throw kind.invalid(
                    "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound "
                        + "operand: AttributeValue: \(lowValue.wire.text), upper bound operand: AttributeValue: "
                        + highValue.wire.text)
            }
        }
        return .between(left, low, high)
    }

    private mutating func membership(_ left: ConditionOperand) throws(AWSServiceError) -> Condition {
        try expect("(")
        var candidates: [ConditionOperand] = []
        repeat { candidates.append(try operand()) } while accept(",")
        try expect(")")
        guard candidates.count <= DynamoDBLimits.inOperands else {
            throw kind.invalid(
                "The IN operator has more than \(DynamoDBLimits.inOperands) operands: \(candidates.count)")
        }
        return .isIn(left, candidates)
    }

    private mutating func operand() throws(AWSServiceError) -> ConditionOperand {
        if case .valuePlaceholder = current { return .value(try value()) }
        guard let name = functionName else { return .path(try path()) }
        guard name == "size" else { throw invalidFunction(name) }
        try countOperator()
        advance()
        try expect("(")
        let path = try pathArgument(of: name)
        try expect(")")
        return .size(path)
    }

    private mutating func functionCondition(_ name: String) throws(AWSServiceError) -> Condition {
        try countOperator()
        advance()
        try expect("(")
        let condition: Condition
        switch name {
        case "attribute_exists": condition = .attributeExists(try pathArgument(of: name))
        case "attribute_not_exists": condition = .attributeNotExists(try pathArgument(of: name))
        case "attribute_type":
            let path = try pathArgument(of: name)
            try expect(",")
            condition = .attributeType(path, try typeArgument())
        case "begins_with":
            let path = try operand()
            try expect(",")
            let prefix = try operand()
            if case .value(let value) = prefix {
                switch value {
                case .string, .binary: break
                default: throw incorrectOperand(name, value)
                }
            }
            condition = .beginsWith(path, prefix)
        case "contains":
            let path = try pathArgument(of: name)
            try expect(",")
            condition = .contains(path, try operand())
        default: throw invalidFunction(name)
        }
        guard current != .sign(",") else {
            throw kind.invalid(
                "Incorrect number of operands for operator or function; operator or function: \(name)")
        }
        try expect(")")
        return condition
    }

    private mutating func pathArgument(of function: String) throws(AWSServiceError) -> DocumentPath {
        if case .valuePlaceholder = current {
            throw kind.invalid(
                "Operator or function requires a document path; operator or function: \(function)")
        }
        return try path()
    }

    private mutating func typeArgument() throws(AWSServiceError) -> String {
        let value = try value()
        guard case .string(let name) = value else { throw incorrectOperand("attribute_type", value) }
        guard DynamoDBValue.typeNames.contains(name.text) else {
            throw kind.invalid(
                "Invalid attribute type name found; type: \(name.text), valid types: "
                    + "{\(DynamoDBValue.typeNames.sorted().joined(separator: ","))}")
        }
        return name.text
    }

    private func requireOrdered(_ operand: ConditionOperand, operator name: String) throws(AWSServiceError) {
        if case .value(let value) = operand, !value.isOrdered { throw incorrectOperand(name, value) }
    }

    private func incorrectOperand(_ name: String, _ value: DynamoDBValue) -> AWSServiceError {
        kind.invalid(
            "Incorrect operand type for operator or function; operator or function: \(name), operand type: "
                + value.typeName)
    }

    func invalidFunction(_ name: String) -> AWSServiceError {
        let known = [
            "attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains", "size",
            "if_not_exists", "list_append",
        ]
        return known.contains(name)
            ? kind.invalid("The function is not allowed here; function: \(name)")
            : kind.invalid("Invalid function name; function: \(name)")
    }
}
