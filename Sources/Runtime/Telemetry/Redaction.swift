/// Masks what looks like a card number, whatever text it stands in.
public enum Redaction {
    /// Shortest and longest primary account number (ISO/IEC 7812-1).
    static let panLengths = 13...19

    /// The text with every run of 13 to 19 digits that passes the Luhn check replaced, but for its last four digits.
    ///
    /// Single spaces and hyphens between digits do not hide a number.
    public static func mask(_ text: String) -> String {
        // Most lines hold no long number: one pass over the bytes settles it.
        guard text.utf8.count(where: isDigit) >= panLengths.lowerBound else { return text }
        var bytes = Array(text.utf8)
        var run: [Int] = []
        for index in 0...bytes.count {
            if index < bytes.count, isDigit(bytes[index]) {
                run.append(index)
            } else if index < bytes.count, let last = run.last, last == index - 1, isSeparator(bytes[index]) {
                continue
            } else {
                maskRun(run, in: &bytes)
                run.removeAll()
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether a digit sequence passes the Luhn check (ISO/IEC 7812-1, annex B).
    static func passesLuhn(_ digits: some BidirectionalCollection<UInt8>) -> Bool {
        var sum = 0
        for (position, digit) in digits.reversed().enumerated() {
            let value = Int(digit) * (position.isMultiple(of: 2) ? 1 : 2)
            sum += value > 9 ? value - 9 : value
        }
        return sum.isMultiple(of: 10)
    }

    private static func maskRun(_ run: [Int], in bytes: inout [UInt8]) {
        guard run.count >= panLengths.lowerBound else { return }
        let digits = run.map { bytes[$0] - UInt8(ascii: "0") }
        // A number begins and ends where a group of digits does: "order 12 4242 4242 4242 4242" hides one.
        let starts = run.indices.filter { $0 == 0 || run[$0 - 1] != run[$0] - 1 }
        // Only the seven possible lengths are looked at, so that a long run costs no more than its length.
        for start in starts {
            for end in panLengths.map({ start + $0 - 1 }) where end < run.count {
                let isGroupEnd = end == run.count - 1 || run[end + 1] != run[end] + 1
                guard isGroupEnd, passesLuhn(digits[start...end]) else { continue }
                for index in run[start...(end - 4)] { bytes[index] = UInt8(ascii: "*") }
            }
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isSeparator(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x2D }
}
