/// A DynamoDB number: up to 38 significant decimal digits, exact. Never a binary floating-point value on the way.
struct DynamoDBNumber: Sendable, Hashable {
    /// Below 10^38 and not divisible by 10 unless 0, so equal numbers have equal parts.
    private let coefficient: UInt128
    private let exponent: Int
    private let isNegative: Bool

    /// What DynamoDB says of text that is no number it can hold.
    struct ParseError: Error, Sendable, Equatable {
        let message: String

        static let overflow = ParseError(
            message: "Number overflow. Attempting to store a number with magnitude larger than supported range")
        static let underflow = ParseError(
            message: "Number underflow. Attempting to store a number with magnitude smaller than supported range")
        static let precision = ParseError(
            message: "Attempting to store more than 38 significant digits in a Number")
    }

    private init(checked coefficient: UInt128, exponent: Int, isNegative: Bool) throws(ParseError) {
        var coefficient = coefficient
        var exponent = exponent
        guard coefficient != 0 else {
            self.coefficient = 0
            self.exponent = 0
            self.isNegative = false
            return
        }
        while coefficient % 10 == 0 {
            coefficient /= 10
            exponent += 1
        }
        let digits = String(coefficient).utf8.count
        guard digits <= DynamoDBLimits.numberDigits else { throw .precision }
        let leading = digits - 1 + exponent
        guard leading <= DynamoDBLimits.numberExponent.upperBound else { throw .overflow }
        guard leading >= DynamoDBLimits.numberExponent.lowerBound else { throw .underflow }
        self.coefficient = coefficient
        self.exponent = exponent
        self.isNegative = isNegative
    }

    /// A small whole number, such as a size.
    init(_ count: Int) {
        var value = UInt128(count.magnitude)
        var exponent = 0
        while value != 0, value % 10 == 0 {
            value /= 10
            exponent += 1
        }
        coefficient = value
        self.exponent = exponent
        isNegative = count < 0
    }

    /// Reads decimal text with optional sign, fraction and exponent.
    init(parsing text: String) throws(ParseError) {
        let invalid = ParseError(
            message: text.isEmpty
                ? "The parameter cannot be converted to a numeric value"
                : "The parameter cannot be converted to a numeric value: \(text)")
        var bytes = Array(text.utf8)[...]
        var isNegative = false
        if let sign = bytes.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            bytes = bytes.dropFirst()
        }
        var digits: [UInt8] = []
        var exponent = 0
        var isFraction = false
        while let byte = bytes.first {
            if byte == UInt8(ascii: "."), !isFraction {
                isFraction = true
            } else if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
                digits.append(byte - UInt8(ascii: "0"))
                if isFraction { exponent -= 1 }
            } else {
                break
            }
            bytes = bytes.dropFirst()
        }
        guard !digits.isEmpty else { throw invalid }
        if let letter = bytes.first {
            guard letter == UInt8(ascii: "e") || letter == UInt8(ascii: "E") else { throw invalid }
            // More than five digits of exponent are out of range whatever they are.
            guard let written = Int(String(decoding: bytes.dropFirst(), as: UTF8.self)), abs(written) < 100_000 else {
                throw invalid
            }
            exponent += written
        }
        let significant = digits.drop { $0 == 0 }
        let trailingZeros = significant.reversed().prefix { $0 == 0 }.count
        guard significant.count - trailingZeros <= DynamoDBLimits.numberDigits else { throw .precision }
        let coefficient = significant.dropLast(trailingZeros).reduce(into: UInt128(0)) { $0 = $0 * 10 + UInt128($1) }
        try self.init(checked: coefficient, exponent: exponent + trailingZeros, isNegative: isNegative)
    }

    /// The number without exponent and without needless zeros, as DynamoDB gives it back.
    var text: String {
        let digits = String(coefficient)
        let unsigned: String
        if exponent >= 0 {
            unsigned = digits + String(repeating: "0", count: exponent)
        } else if digits.utf8.count > -exponent {
            unsigned = digits.dropLast(-exponent) + "." + digits.suffix(-exponent)
        } else {
            unsigned = "0." + String(repeating: "0", count: -exponent - digits.utf8.count) + digits
        }
        return isNegative ? "-" + unsigned : unsigned
    }

    /// Bytes that count towards the item's size: one for every two digits, and one.
    var byteCount: Int { (String(coefficient).utf8.count + 1) / 2 + 1 + (isNegative ? 1 : 0) }

    /// The exact sum.
    ///
    /// - Throws: when it has more than 38 digits or is out of range.
    func adding(_ other: DynamoDBNumber) throws(ParseError) -> DynamoDBNumber {
        if coefficient == 0 { return other }
        if other.coefficient == 0 { return self }
        let common = min(exponent, other.exponent)
        guard let left = scaled(to: common), let right = other.scaled(to: common) else { throw .precision }
        let sum: UInt128
        var negative = isNegative
        if isNegative == other.isNegative {
            let (total, overflow) = left.addingReportingOverflow(right)
            guard !overflow else { throw .precision }
            sum = total
        } else if left >= right {
            sum = left - right
        } else {
            sum = right - left
            negative = other.isNegative
        }
        return try DynamoDBNumber(checked: sum, exponent: common, isNegative: negative)
    }

    /// The exact difference.
    func subtracting(_ other: DynamoDBNumber) throws(ParseError) -> DynamoDBNumber {
        try adding(other.negated)
    }

    private var negated: DynamoDBNumber {
        DynamoDBNumber(coefficient: coefficient, exponent: exponent, isNegative: coefficient != 0 && !isNegative)
    }

    private init(coefficient: UInt128, exponent: Int, isNegative: Bool) {
        self.coefficient = coefficient
        self.exponent = exponent
        self.isNegative = isNegative
    }

    /// The coefficient for a smaller exponent; `nil` when it does not fit, which is far beyond 38 digits.
    private func scaled(to smaller: Int) -> UInt128? {
        var value = coefficient
        for _ in 0..<(exponent - smaller) {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            value = product
        }
        return value
    }
}

extension DynamoDBNumber: Comparable {
    static func < (left: DynamoDBNumber, right: DynamoDBNumber) -> Bool {
        if left.isNegative != right.isNegative { return left.isNegative }
        return left.isNegative ? magnitudeLess(right, left) : magnitudeLess(left, right)
    }

    private static func magnitudeLess(_ left: DynamoDBNumber, _ right: DynamoDBNumber) -> Bool {
        guard left.coefficient != 0, right.coefficient != 0 else { return left.coefficient < right.coefficient }
        let leftDigits = String(left.coefficient)
        let rightDigits = String(right.coefficient)
        let leftLeading = leftDigits.utf8.count + left.exponent
        let rightLeading = rightDigits.utf8.count + right.exponent
        if leftLeading != rightLeading { return leftLeading < rightLeading }
        // Same magnitude: compare digit by digit; a number that ends first is the smaller.
        return leftDigits.utf8.lexicographicallyPrecedes(rightDigits.utf8)
    }
}
