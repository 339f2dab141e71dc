import FoundationEssentials

/// A moment in the two forms a signature uses, in UTC with whole seconds.
struct SigningTime: Equatable {
    /// `YYYYMMDD'T'HHMMSS'Z'`.
    let timestamp: String
    /// `YYYYMMDD`, the first part of the credential scope.
    var day: String { String(timestamp.prefix(8)) }

    init(_ date: Date) {
        let secondsPerDay = 86_400
        let seconds = Int(date.timeIntervalSince1970.rounded(.down))
        let days = Int((Double(seconds) / Double(secondsPerDay)).rounded(.down))
        let secondOfDay = seconds - days * secondsPerDay
        let (year, month, day) = Self.civilDate(daysSince1970: days)
        timestamp =
            Self.digits(year, 4) + Self.digits(month, 2) + Self.digits(day, 2) + "T"
            + Self.digits(secondOfDay / 3600, 2) + Self.digits(secondOfDay / 60 % 60, 2)
            + Self.digits(secondOfDay % 60, 2) + "Z"
    }

    /// The Gregorian date of a day number, by eras of 400 years that begin in March, so that the leap day is the last
    /// day of a year (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms"). A `DateFormatter` would link ICU.
    private static func civilDate(daysSince1970: Int) -> (year: Int, month: Int, day: Int) {
        let daysPerEra = 146_097
        let shifted = daysSince1970 + 719_468
        let era = (shifted >= 0 ? shifted : shifted - daysPerEra + 1) / daysPerEra
        let dayOfEra = shifted - era * daysPerEra
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func digits(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
