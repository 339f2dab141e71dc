import Foundation
import Testing

@testable import LocalEmulator

/// An expression with its placeholders, applied to an item written as wire JSON.
private struct Expression {
    static let item: JSONValue = [
        "id": ["S": "x"], "n": ["N": "5"], "greeting": ["S": "hello world"], "bytes": ["B": "AAEC"],
        "flag": ["BOOL": true], "none": ["NULL": true], "steps": ["L": [["N": "0"], ["S": "one"], ["N": "2"]]],
        "tree": ["M": ["branch": ["M": ["deep": ["S": "here"]]], "n": ["N": "7"]]],
        "texts": ["SS": ["a", "b"]], "numbers": ["NS": ["1", "2.50"]], "dotted.name": ["S": "dot"],
    ]
    static let values: JSONValue = [
        ":five": ["N": "5.0"], ":six": ["N": "6"], ":x": ["S": "x"], ":hello": ["S": "hello"], ":world": ["S": "world"],
        ":a": ["S": "a"], ":n25": ["N": "2.5"], ":one": ["S": "one"], ":bytes": ["B": "AAE="], ":true": ["BOOL": true],
        ":S": ["S": "S"], ":SS": ["S": "SS"], ":three": ["N": "3"], ":list": ["L": [["N": "9"]]], ":bs": ["SS": ["b"]],
        ":all": ["SS": ["a", "b"]], ":map": ["M": ["k": ["S": "v"]]],
    ]
    static let names: JSONValue = ["#n": "n", "#d": "dotted.name", "#m": "tree", "#s": "status"]

    let input: AWSInput
    var item: DynamoDBItem

    init() throws {
        input = AWSInput(
            members: ["ExpressionAttributeValues": Self.values, "ExpressionAttributeNames": Self.names],
            missing: DynamoDBErrors.missingMember)
        item = try #require(
            try AWSInput(members: ["Item": Self.item], missing: DynamoDBErrors.missingMember).item("Item"))
    }

    func holds(_ text: String) throws -> Bool {
        var placeholders = try ExpressionPlaceholders(input)
        return try placeholders.condition(text, .condition).holds(for: item)
    }

    func updated(_ text: String) throws -> DynamoDBItem {
        var placeholders = try ExpressionPlaceholders(input)
        return try placeholders.update(text).applied(to: item)
    }

    func message(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "no error"
        } catch {
            return (error as? AWSServiceError)?.message ?? "\(error)"
        }
    }
}

@Suite struct DynamoDBConditionTests {
    @Test(arguments: [
        "n = :five", "#n = :five", "n <> :six", "n < :six", "n <= :five", "n >= :five", "n > :three", "id = :x",
        "n BETWEEN :three AND :six", "n between :five and :five", "id IN (:a, :x)", "id in(:x)",
        "attribute_exists(n)", "attribute_not_exists(absent)", "attribute_type(id, :S)", "attribute_type(texts, :SS)",
        "begins_with(greeting, :hello)", "contains(greeting, :world)", "contains(texts, :a)", "contains(numbers, :n25)",
        "contains(steps, :one)", "begins_with(bytes, :bytes)", "size(steps) = :three", "size(bytes) = :three",
        "size(id) < :three", "tree.branch.deep <> :x", "#m.n > :six", "steps[1] = :one", "#d <> :x", "texts = :all",
        "attribute_exists(tree.branch.deep)", "attribute_not_exists(tree.branch.shallow)",
        "attribute_not_exists(steps[3])",
        "absent <> :x", "NOT absent = :x", "n = :five AND id = :x", "n = :six OR id = :x",
        "n = :six AND n = :six OR id = :x", "id = :x OR n = :six AND n = :six", "NOT n = :six AND id = :x",
        "NOT (n = :six OR id = :a)", "((n = :five))", "flag = :true", ":five = n", "n = tree.n OR n < tree.n",
    ])
    func `holds`(text: String) throws {
        #expect(try Expression().holds(text))
    }

    @Test(arguments: [
        "n = :six", "n = :x", "id < :five", "absent = :x", "absent < :x", "absent BETWEEN :five AND :six",
        "absent IN (:x)", "attribute_exists(tree.shallow)", "attribute_type(id, :SS)", "begins_with(n, :hello)",
        "contains(n, :x)", "size(n) = :three", "size(absent) = :three", "steps[7] = :one", "id.branch = :x",
        "NOT n = :five", "n = :five AND n = :six", "n = :six OR (id = :x AND n = :six)", "contains(texts, :five)",
    ])
    func `does not hold`(text: String) throws {
        #expect(try !Expression().holds(text))
    }

    @Test(arguments: [
        ("", "can not be empty"), ("  ", "can not be empty"), ("n", "Syntax error"),
        ("n =", "Syntax error; token: \"<EOF>\""),
        ("n = :five AND", "Syntax error"), ("(n = :five", "Syntax error"), ("n = :five)", "Syntax error; token: \")\""),
        ("n == :five", "Syntax error"), ("n ! :five", "Syntax error; token: \"!\""), ("n = 'x'", "Syntax error"),
        ("n = :", "Syntax error"), ("# = :x", "Syntax error"), ("steps[x] = :x", "Syntax error"),
        ("steps[] = :x", "Syntax error"),
        ("a..b = :x", "Syntax error"), ("status = :x", "reserved keyword: status"),
        ("Status = :x", "reserved keyword: Status"),
        ("#nope = :x", "attribute name: #nope"), ("n = :nope", "attribute value: :nope"),
        ("nope(n)", "Invalid function name; function: nope"),
        ("if_not_exists(n, :x)", "not allowed here"), ("attribute_exists(:x)", "requires a document path"),
        ("attribute_exists(n, id)", "Incorrect number of operands"), ("size(n)", "Syntax error"),
        ("n < :true", "Incorrect operand type"), ("begins_with(id, :five)", "operand type: N"),
        ("attribute_type(id, :x)", "Invalid attribute type name found; type: x"),
        ("n BETWEEN :six AND :three", "upper bound to be greater"),
        ("n BETWEEN :three AND :x", "same data type"), ("n BETWEEN :three OR :six", "Syntax error"),
        ("n IN :x", "Syntax error"),
        ("n IN ()", "Syntax error"), ("AND n = :five", "reserved keyword"), ("n = :five n = :five", "Syntax error"),
    ])
    func `is refused`(text: String, reason: String) throws {
        let expression = try Expression()
        let message = expression.message { _ = try expression.holds(text) }
        #expect(message.hasPrefix("Invalid ConditionExpression: "))
        #expect(message.contains(reason), "\(message)")
    }

    @Test func `deep nesting is refused and does not exhaust the stack`() throws {
        let expression = try Expression()
        let deep = String(repeating: "(", count: 2_000) + "n = :five" + String(repeating: ")", count: 2_000)
        #expect(expression.message { _ = try expression.holds(deep) }.contains("nested"))
        let negations = String(repeating: "NOT ", count: 1_000) + "n = :five"
        #expect(expression.message { _ = try expression.holds(negations) }.contains("Invalid ConditionExpression"))
    }

    @Test func `an expression longer than four kilobytes is refused`() throws {
        let expression = try Expression()
        let long = "n = :five" + String(repeating: " OR n = :five", count: 400)
        #expect(expression.message { _ = try expression.holds(long) }.contains("maximum allowed size"))
    }

    @Test func `strings are compared byte by byte`() throws {
        // One spelling is a single letter, the another a letter and a combining accent.
        let composed = DynamoDBValue.string(ExactText("\u{E9}"))
        let decomposed = DynamoDBValue.string(ExactText("e\u{301}"))
        #expect(composed != decomposed)
        #expect(DynamoDBValue.isLess(decomposed, composed) == true)
    }
}

@Suite struct DynamoDBUpdateTests {
    private func value(_ wire: JSONValue) throws -> DynamoDBValue { try DynamoDBValue(wire: wire) }

    @Test(
        arguments: [
            ("SET n = :six", "n", ["N": "6"]), ("set n = n + :six", "n", ["N": "11"]),
            ("SET n = :six - n", "n", ["N": "1"]),
            ("SET z = if_not_exists(z, :x)", "z", ["S": "x"]), ("SET n = if_not_exists(n, :x)", "n", ["N": "5"]),
            ("SET z = if_not_exists(z, :five) + :six", "z", ["N": "11"]),
            (
                "SET steps = list_append(steps, :list)", "steps",
                ["L": [["N": "0"], ["S": "one"], ["N": "2"], ["N": "9"]]]
            ),
            (
                "SET steps = list_append(:list, steps)", "steps",
                ["L": [["N": "9"], ["N": "0"], ["S": "one"], ["N": "2"]]]
            ),
            ("SET steps[1] = :x", "steps", ["L": [["N": "0"], ["S": "x"], ["N": "2"]]]),
            (
                "SET steps[40] = :x, steps[30] = :a", "steps",
                ["L": [["N": "0"], ["S": "one"], ["N": "2"], ["S": "a"], ["S": "x"]]]
            ),
            ("REMOVE steps[0], steps[2]", "steps", ["L": [["S": "one"]]]),
            ("SET #m.branch.deep = :a", "tree", ["M": ["branch": ["M": ["deep": ["S": "a"]]], "n": ["N": "7"]]]),
            ("REMOVE #m.branch.deep", "tree", ["M": ["branch": ["M": [:]], "n": ["N": "7"]]]),
            ("ADD n :six", "n", ["N": "11"]), ("ADD z :six", "z", ["N": "6"]),
            ("ADD texts :bs", "texts", ["SS": ["a", "b"]]),
            ("DELETE texts :bs", "texts", ["SS": ["a"]]), ("SET #s = :x", "status", ["S": "x"]),
        ] as [(String, String, JSONValue)])
    func `gives`(text: String, attribute: String, expected: JSONValue) throws {
        #expect(try Expression().updated(text)[attribute] == value(expected))
    }

    @Test func `right-hand sides see the item as it was`() throws {
        let item = try Expression().updated("SET n = #m.n, another = n")
        #expect(try item["n"] == value(["N": "7"]))
        #expect(try item["another"] == value(["N": "5"]))
    }

    @Test func `a set that becomes empty goes away`() throws {
        #expect(try Expression().updated("DELETE texts :all")["texts"] == nil)
    }

    @Test func `removing what is not there changes nothing`() throws {
        let expression = try Expression()
        #expect(try expression.updated("REMOVE absent, steps[9]") == expression.item)
        #expect(try expression.updated("DELETE absent :bs") == expression.item)
    }

    @Test(arguments: [
        ("SET", "Syntax error"), ("SET n", "Syntax error"), ("SET n = ", "Syntax error"), ("n = :x", "Syntax error"),
        ("SET n = :x SET z = :x", "can only be used once"), ("SET n = :x, n = :a", "overlap"),
        ("SET #m.branch = :x REMOVE tree.branch.deep", "overlap"), ("SET steps[0] = :x REMOVE steps.name_", "conflict"),
        ("SET z = y", "does not exist in the item"), ("SET z = n + y", "does not exist in the item"),
        ("SET y.z = :x", "invalid for update"), ("SET id.z = :x", "invalid for update"),
        ("SET n[0] = :x", "invalid for update"),
        ("REMOVE y.z", "invalid for update"), ("DELETE y.z :bs", "invalid for update"),
        ("SET z = id + n", "incorrect data type"),
        ("SET z = :x + :five", "operand type: S"),
        ("SET z = list_append(n, steps)", "incorrect data type"), ("SET z = list_append(:x, steps)", "operand type: S"),
        ("ADD n :x", "operand type: S"), ("ADD id :five", "incorrect data type"),
        ("ADD texts :five", "incorrect data type"),
        ("DELETE n :five", "operand type: N"), ("DELETE id :bs", "incorrect data type"),
        ("SET z = size(n)", "not allowed here"),
        ("SET z = if_not_exists(:x, n)", "requires a document path"), ("SET z = foo(n)", "Invalid function name"),
        ("SET n = :five + :five + :five", "Syntax error"), ("REMOVE n = :x", "Syntax error"),
        ("SET status = :x", "reserved keyword"),
    ])
    func `is refused`(text: String, reason: String) throws {
        let expression = try Expression()
        let message = expression.message { _ = try expression.updated(text) }
        #expect(message.contains(reason), "\(message)")
    }
}

@Suite struct DynamoDBExpressionFuzzTests {
    /// Whatever a client writes is an expression or a ValidationException, never anything else.
    @Test func `random expressions are read or refused`() throws {
        let parts = [
            "n", "#n", "#m", ":five", ":x", "steps", "[0]", "[", "]", "(", ")", ",", ".", "=", "<>", "<", "<=", "+",
            "-",
            "AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE", "size", "attribute_exists",
            "begins_with", "contains", "if_not_exists", "list_append", "7", "status", "é", "\u{0}", "'",
        ]
        var state: UInt64 = 42
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        let expression = try Expression()
        var accepted = 0
        for _ in 0..<20_000 {
            let text = (0..<(1 + next(9))).map { _ in parts[next(parts.count)] }.joined(separator: " ")
            for attempt in [{ _ = try expression.holds(text) }, { _ = try expression.updated(text) }] {
                do {
                    try attempt()
                    accepted += 1
                } catch let error as AWSServiceError {
                    #expect(error.code == "ValidationException")
                }
            }
        }
        #expect(accepted > 0)
    }
}
