/// Reads the tokens of one expression; the grammars of conditions, updates and projections extend it.
struct ExpressionParser {
    /// Parentheses and function calls inside one another; more would only serve to exhaust the stack.
    static let maximumNesting = 100

    let kind: ExpressionKind
    private let tokens: [ExpressionToken]
    private var position = 0
    private var operatorCount = 0
    var nesting = 0
    var placeholders: ExpressionPlaceholders

    init(
        _ text: String, _ kind: ExpressionKind, _ placeholders: ExpressionPlaceholders
    ) throws(AWSServiceError) {
        guard !text.allSatisfy(\.isWhitespace) else {
            throw kind.invalid("The expression can not be empty;")
        }
        guard text.utf8.count <= DynamoDBLimits.expressionBytes else {
            throw kind.invalid(
                "Expression size has exceeded the maximum allowed size; expression size: \(text.utf8.count)")
        }
        self.kind = kind
        self.placeholders = placeholders
        tokens = try ExpressionLexer.tokens(text, kind)
    }

    // MARK: Tokens

    var current: ExpressionToken { tokens[position] }
    var following: ExpressionToken { tokens[min(position + 1, tokens.count - 1)] }

    mutating func advance() {
        if position < tokens.count - 1 { position += 1 }
    }

    mutating func accept(_ sign: String) -> Bool {
        guard current == .sign(sign) else { return false }
        advance()
        return true
    }

    mutating func expect(_ sign: String) throws(AWSServiceError) {
        guard accept(sign) else { throw syntaxError() }
    }

    mutating func acceptKeyword(_ keyword: String) -> Bool {
        guard current.isKeyword(keyword) else { return false }
        advance()
        return true
    }

    func expectEnd() throws(AWSServiceError) {
        guard current == .end else { throw syntaxError() }
    }

    /// Names the token and its neighbours, as DynamoDB does.
    func syntaxError() -> AWSServiceError {
        let near = tokens[max(0, position - 1)...min(tokens.count - 1, position + 1)]
            .filter { $0 != .end }.map(\.text).joined(separator: " ")
        return kind.invalid("Syntax error; token: \"\(current.text)\", near: \"\(near)\"")
    }

    /// Notes one operator or function.
    mutating func countOperator() throws(AWSServiceError) {
        operatorCount += 1
        guard operatorCount <= DynamoDBLimits.expressionOperators else {
            throw kind.invalid(
                "The expression contains more than \(DynamoDBLimits.expressionOperators) operators")
        }
    }

    /// Notes one level deeper; the caller leaves it by itself.
    mutating func enter() throws(AWSServiceError) {
        nesting += 1
        guard nesting <= Self.maximumNesting else {
            throw kind.invalid("The expression is nested more than \(Self.maximumNesting) levels deep")
        }
    }

    // MARK: Paths and values

    /// `a`, `#a`, `a.b`, `a[0]`, `#a.#b[1].c`.
    mutating func path() throws(AWSServiceError) -> DocumentPath {
        var path = DocumentPath(attribute: try pathName())
        while true {
            if accept(".") {
                path.steps.append(.member(try pathName()))
            } else if accept("[") {
                guard case .number(let text) = current, let index = Int(text) else { throw syntaxError() }
                advance()
                try expect("]")
                path.steps.append(.element(index))
            } else {
                break
            }
        }
        guard path.steps.count < DynamoDBLimits.nestingLevels else {
            throw kind.invalid(
                "The document path has too many nesting elements; nesting levels: \(path.steps.count + 1)")
        }
        return path
    }

    private mutating func pathName() throws(AWSServiceError) -> String {
        switch current {
        case .namePlaceholder(let placeholder):
            let name = try placeholders.name(placeholder, kind)
            advance()
            return name
        case .word(let name):
            guard !DynamoDBReservedWords.contains(name) else {
                throw kind.invalid("Attribute name is a reserved keyword; reserved keyword: \(name)")
            }
            advance()
            return name
        default: throw syntaxError()
        }
    }

    /// `:value`.
    mutating func value() throws(AWSServiceError) -> DynamoDBValue {
        guard case .valuePlaceholder(let placeholder) = current else { throw syntaxError() }
        let value = try placeholders.value(placeholder, kind)
        advance()
        return value
    }

    /// The name of a function when a call begins here.
    var functionName: String? {
        guard case .word(let name) = current, following == .sign("(") else { return nil }
        return name
    }
}

extension ExpressionPlaceholders {
    /// Parses a condition, filter or key condition.
    mutating func condition(_ text: String, _ kind: ExpressionKind) throws(AWSServiceError) -> Condition {
        var parser = try ExpressionParser(text, kind, self)
        let condition = try parser.condition()
        try parser.expectEnd()
        self = parser.placeholders
        return condition
    }

    /// Parses an update expression.
    mutating func update(_ text: String) throws(AWSServiceError) -> UpdateExpression {
        var parser = try ExpressionParser(text, .update, self)
        let update = try parser.update()
        self = parser.placeholders
        return update
    }

    /// Parses a projection expression: paths separated by commas.
    mutating func projection(_ text: String) throws(AWSServiceError) -> [DocumentPath] {
        var parser = try ExpressionParser(text, .projection, self)
        var paths: [DocumentPath] = []
        repeat { paths.append(try parser.path()) } while parser.accept(",")
        try parser.expectEnd()
        try DocumentPath.checkNoOverlap(paths, .projection)
        self = parser.placeholders
        return paths
    }
}
