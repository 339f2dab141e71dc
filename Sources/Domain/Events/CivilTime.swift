import FoundationEssentials

/// A moment of the proleptic Gregorian calendar in UTC, without leap seconds (as POSIX time counts).
struct CivilTime: Equatable {
    var year: Int
    var month: Int
    var day: Int
    var hour: Int
    var minute: Int
    var second: Int
    var millisecond: Int

    private static let millisecondsPerDay = 86_400_000
    /// 0001-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z.
    private static let representable = -62_135_596_800_000...253_402_300_799_999

    /// Milliseconds since 1970, rounded to nearest and clamped to the years 1…9999.
    static func milliseconds(of date: Date) -> Int {
        let exact = (date.timeIntervalSince1970 * 1000).rounded()
        guard exact < Double(representable.upperBound) else { return representable.upperBound }
        guard exact > Double(representable.lowerBound) else { return representable.lowerBound }
        return Int(exact)
    }

    /// - Parameter milliseconds: within the years 1…9999.
    init(millisecondsSince1970 milliseconds: Int) {
        let days = Self.floorDivide(milliseconds, Self.millisecondsPerDay)
        let rest = milliseconds - days * Self.millisecondsPerDay
        (year, month, day) = Self.calendarDate(daysSince1970: days)
        hour = rest / 3_600_000
        minute = rest / 60_000 % 60
        second = rest / 1000 % 60
        millisecond = rest % 1000
    }

    /// Reads `YYYY-MM-DD<separator>HH:MM:SS[.fff][Z]` strictly; nil when the text or the date does not hold.
    init?(_ text: String, separator: UInt8, requiresZulu: Bool) {
        var bytes = Array(text.utf8)
        if requiresZulu {
            guard bytes.popLast() == UInt8(ascii: "Z") else { return nil }
        }
        let dash = UInt8(ascii: "-")
        let colon = UInt8(ascii: ":")
        guard bytes.count == 19 || bytes.count == 23,
            bytes[4] == dash, bytes[7] == dash, bytes[10] == separator, bytes[13] == colon, bytes[16] == colon,
            let year = Self.number(bytes[0..<4]), let month = Self.number(bytes[5..<7]),
            let day = Self.number(bytes[8..<10]), let hour = Self.number(bytes[11..<13]),
            let minute = Self.number(bytes[14..<16]), let second = Self.number(bytes[17..<19]),
            (1...9999).contains(year), (1...12).contains(month), (0...23).contains(hour),
            (0...59).contains(minute), (0...59).contains(second)
        else { return nil }

        var millisecond = 0
        if bytes.count == 23 {
            guard bytes[19] == UInt8(ascii: "."), let fraction = Self.number(bytes[20..<23]) else { return nil }
            millisecond = fraction
        }
        (self.year, self.month, self.day) = (year, month, day)
        (self.hour, self.minute, self.second, self.millisecond) = (hour, minute, second, millisecond)
        // A day that does not exist (31 April) comes back as another one.
        guard day >= 1, Self.calendarDate(daysSince1970: daysSince1970) == (year, month, day) else { return nil }
    }

    /// The moment this stands for.
    var date: Date {
        let milliseconds =
            daysSince1970 * Self.millisecondsPerDay + hour * 3_600_000 + minute * 60_000 + second * 1000 + millisecond
        return Date(timeIntervalSince1970: Double(milliseconds) / 1000)
    }

    /// Days between 1970-01-01 and this date. Method: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms",
    /// years counted from March so that the leap day comes last.
    private var daysSince1970: Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = Self.floorDivide(shiftedYear, 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func calendarDate(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func floorDivide(_ dividend: Int, _ divisor: Int) -> Int {
        let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value
    }
}
