import Foundation

/// Dates as settlement files write them, always UTC, on the proleptic Gregorian calendar.
enum UTCTime {
    /// Leap seconds do not exist in POSIX time.
    static let secondsPerDay: Int64 = 86_400

    /// `YYYY-MM-DD`.
    static func day(_ secondsSince1970: Int64) -> String {
        let parts = components(secondsSince1970)
        return padded(Int(parts.tm_year) + 1900, 4) + "-" + padded(Int(parts.tm_mon) + 1) + "-"
            + padded(Int(parts.tm_mday))
    }

    /// `YYYY-MM-DD HH:MM:SS`, the form of Stripe's reports.
    static func timestamp(_ secondsSince1970: Int64) -> String {
        let parts = components(secondsSince1970)
        return day(secondsSince1970) + " " + padded(Int(parts.tm_hour)) + ":" + padded(Int(parts.tm_min)) + ":"
            + padded(Int(parts.tm_sec))
    }

    /// The first second of a day written `YYYY-MM-DD`; `nil` when there is no such day.
    static func firstSecond(ofDay text: String) -> Int64? {
        let numbers = text.split(separator: "-", omittingEmptySubsequences: false).map { Int32($0) }
        guard text.utf8.count == 10, numbers.count == 3, let year = numbers[0], let month = numbers[1],
            let dayOfMonth = numbers[2]
        else { return nil }
        var parts = tm()
        parts.tm_year = year - 1900
        parts.tm_mon = month - 1
        parts.tm_mday = dayOfMonth
        let seconds = Int64(timegm(&parts))
        // timegm reads 31 February as 3 March: only a day that comes back as it was written exists.
        return day(seconds) == text ? seconds : nil
    }

    private static func components(_ secondsSince1970: Int64) -> tm {
        var time = time_t(secondsSince1970)
        var parts = tm()
        gmtime_r(&time, &parts)
        return parts
    }

    private static func padded(_ number: Int, _ width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
