import FoundationEssentials

/// Moments as text in UTC with milliseconds (`2026-03-01T12:34:56.789Z`), the form of every timestamp we write.
///
/// Written by hand because a `Date` counts in binary fractions: formatting one by truncation turns .123 into .122, and
/// an event must read back as the moment it was written with.
public enum RFC3339 {
    /// The moment rounded to the nearest millisecond. Years outside 1…9999 do not occur and are clamped.
    public static func format(_ date: Date) -> String {
        let milliseconds = CivilTime.milliseconds(of: date)
        let civil = CivilTime(millisecondsSince1970: milliseconds)
        let day = pad(civil.year, 4) + "-" + pad(civil.month, 2) + "-" + pad(civil.day, 2)
        let time = pad(civil.hour, 2) + ":" + pad(civil.minute, 2) + ":" + pad(civil.second, 2)
        return day + "T" + time + "." + pad(civil.millisecond, 3) + "Z"
    }

    /// Reads `YYYY-MM-DDTHH:MM:SS[.fff]Z`; nil for anything else, including dates that do not exist.
    public static func parse(_ text: String) -> Date? {
        CivilTime(text, separator: UInt8(ascii: "T"), requiresZulu: true)?.date
    }

    /// The same moment cut to what the text form can carry.
    public static func roundedToMilliseconds(_ date: Date) -> Date {
        Date(timeIntervalSince1970: Double(CivilTime.milliseconds(of: date)) / 1000)
    }

    private static func pad(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
