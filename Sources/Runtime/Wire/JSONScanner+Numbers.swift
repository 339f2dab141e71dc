extension JSONScanner {
    /// Powers of ten that a `Double` holds exactly.
    private static let exactPowersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    /// Decimal digits that fit 64 bits, whatever they are.
    private static let maximumExactDigits = 19

    /// The number that comes next, rounded correctly.
    ///
    /// Refused like by Foundation's decoder: numbers beyond the largest `Double`, and those that are zero as a `Double`
    /// but not in the document.
    public mutating func double() throws(JSONError) -> Double {
        guard Self.beginsNumber(token()) else { throw mismatch(.isNoNumber) }
        let start = cursor
        let parts = try numberParts()
        if let exact = parts.exactValue { return exact }
        let text = String(decoding: UnsafeRawBufferPointer(start: base + start, count: cursor - start), as: UTF8.self)
        guard let value = Double(text), value.isFinite, value != 0 || parts.isZero else {
            throw JSONError(.isOutOfRange, at: start)
        }
        return value
    }

    static func beginsNumber(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "-") || byte &- UInt8(ascii: "0") < 10
    }

    /// Passes over a number and checks its grammar (RFC 8259, section 6).
    mutating func numberParts() throws(JSONError) -> NumberParts {
        var parts = NumberParts()
        let start = cursor
        if current == UInt8(ascii: "-") {
            parts.isNegative = true
            cursor += 1
        }
        if current == UInt8(ascii: "0") {
            cursor += 1
            parts.digits = 1
        } else {
            try digits(into: &parts, from: start)
        }
        if current == UInt8(ascii: ".") {
            cursor += 1
            let before = cursor
            try digits(into: &parts, from: start)
            parts.fractionDigits = cursor - before
        }
        if current | 0x20 == UInt8(ascii: "e") {
            cursor += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { cursor += 1 }
            parts.hasExponent = true
            var exponent = NumberParts()
            try digits(into: &exponent, from: start)
        }
        // A digit here follows a leading zero.
        guard current &- UInt8(ascii: "0") >= 10 else { throw JSONError(.badNumber, at: start) }
        return parts
    }

    /// At least one digit.
    private mutating func digits(into parts: inout NumberParts, from start: Int) throws(JSONError) {
        let before = cursor
        while true {
            let digit = current &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            // Wraps beyond 19 digits, and is not used then.
            parts.significand = parts.significand &* 10 &+ UInt64(digit)
            parts.isZero = parts.isZero && digit == 0
            cursor += 1
        }
        parts.digits += cursor - before
        guard cursor > before else { throw JSONError(.badNumber, at: start) }
    }

    /// A number as it is written.
    struct NumberParts {
        var isNegative = false
        var significand: UInt64 = 0
        var digits = 0
        var fractionDigits = 0
        var hasExponent = false
        var isZero = true

        /// The value where one division of exact numbers gives it: then it is rounded once, so correctly.
        var exactValue: Double? {
            guard !hasExponent, digits <= maximumExactDigits, significand <= 1 << 53,
                fractionDigits < exactPowersOfTen.count
            else { return nil }
            let magnitude = Double(significand) / exactPowersOfTen[fractionDigits]
            return isNegative ? -magnitude : magnitude
        }
    }
}
