import Testing

@testable import LocalEmulator

@Suite struct DynamoDBNumberTests {
    private func number(_ text: String) throws -> DynamoDBNumber { try DynamoDBNumber(parsing: text) }

    @Test(arguments: [
        ("0", "0"), ("-0", "0"), ("0.000", "0"), ("007", "7"), ("+5", "5"), ("1.50", "1.5"), (".5", "0.5"),
        ("5.", "5"), ("100", "100"), ("1e3", "1000"), ("1.5E-3", "0.0015"), ("-12.340", "-12.34"),
        ("1E-130", "0." + String(repeating: "0", count: 129) + "1"),
        ("9.9E125", "99" + String(repeating: "0", count: 124)),
        (String(repeating: "9", count: 38), String(repeating: "9", count: 38)),
        ("1" + String(repeating: "0", count: 125), "1" + String(repeating: "0", count: 125)),
        ("0." + String(repeating: "0", count: 50) + "12", "0." + String(repeating: "0", count: 50) + "12"),
    ])
    func `a number is given back without needless zeros`(text: String, expected: String) throws {
        #expect(try number(text).text == expected)
    }

    @Test(arguments: ["", "-", ".", "e5", "1e", "1e+", "1.2.3", "0x10", "1 ", " 1", "NaN", "Infinity", "1,5", "١"])
    func `text that is no number is refused`(text: String) {
        #expect(throws: DynamoDBNumber.ParseError.self) { try number(text) }
    }

    @Test func `more than 38 digits, too large and too small are told apart`() {
        #expect(throws: DynamoDBNumber.ParseError.precision) { try number(String(repeating: "1", count: 39)) }
        #expect(throws: DynamoDBNumber.ParseError.precision) { try number("1." + String(repeating: "1", count: 38)) }
        #expect(throws: DynamoDBNumber.ParseError.overflow) { try number("1E126") }
        #expect(throws: DynamoDBNumber.ParseError.underflow) { try number("1E-131") }
    }

    @Test(arguments: [
        ("1", "2", "3"), ("0.1", "0.2", "0.3"), ("-5", "3", "-2"), ("5", "-5", "0"),
        ("1E37", "1", "1" + String(repeating: "0", count: 36) + "1"),
        ("99999999999999999999999999999999999999", "-1", "99999999999999999999999999999999999998"),
        ("100000000000000000000000000000000000000", "-1", "99999999999999999999999999999999999999"),
        ("0", "7", "7"), ("1E-130", "0", "0." + String(repeating: "0", count: 129) + "1"), ("-0.5", "-0.5", "-1"),
    ])
    func `sums are exact`(left: String, right: String, sum: String) throws {
        #expect(try number(left).adding(number(right)).text == sum)
        #expect(try number(right).adding(number(left)).text == sum)
        #expect(try number(sum).subtracting(number(right)).text == number(left).text)
    }

    @Test func `a sum that needs more than 38 digits is refused and not rounded`() throws {
        let largest = try number(String(repeating: "9", count: 38))
        #expect(throws: DynamoDBNumber.ParseError.precision) { try largest.adding(number("0.1")) }
        #expect(throws: DynamoDBNumber.ParseError.precision) { try number("1E125").adding(number("1E-130")) }
        // Adding one gives a single digit again: that fits.
        #expect(try largest.adding(number("1")).text == "1" + String(repeating: "0", count: 38))
        let top = try number("9E125")
        #expect(throws: DynamoDBNumber.ParseError.overflow) { try top.adding(top) }
    }

    @Test func `numbers are ordered by value`() throws {
        let texts = [
            "-1E125", "-100", "-99.9", "-1", "-0.5", "-1E-130", "0", "1E-130", "0.05", "0.5", "1", "1.23", "1.3", "9",
            "10", "99.9", "100", "1E125",
        ]
        let numbers = try texts.map { try number($0) }
        for (index, left) in numbers.enumerated() {
            for (otherIndex, right) in numbers.enumerated() {
                #expect((left < right) == (index < otherIndex), "\(texts[index]) < \(texts[otherIndex])")
            }
        }
    }

    @Test func `equal numbers are equal however they are written`() throws {
        #expect(try Set(["1", "1.0", "01", "10E-1", "0.1e1"].map { try number($0) }).count == 1)
    }
}
