import Foundation

/// When a schedule fires: `rate(5 minutes)` or `cron(min hour day month weekday year)`, in UTC.
public struct ScheduleExpression: Sendable, Equatable {
    private enum Kind: Equatable {
        case rate(minutes: Int)
        case cron(CronFields)
    }

    private struct CronFields: Equatable {
        var minutes: Set<Int>
        var hours: Set<Int>
        /// `nil` stands for `?`.
        var days: Set<Int>?
        var months: Set<Int>
        /// `nil` stands for `?`; 1 is Sunday.
        var weekdays: Set<Int>?
        var years: Set<Int>
    }

    /// EventBridge accepts years 1970 to 2199.
    private static let years = 1970...2199
    private let kind: Kind

    /// The text as it stands in the template.
    public let text: String

    /// Parses an expression; `nil` when EventBridge would refuse it (or it uses `L`, `W` or `#`).
    public init?(_ text: String) {
        self.text = text
        guard let open = text.firstIndex(of: "("), text.hasSuffix(")") else { return nil }
        let inner = text[text.index(after: open)...].dropLast()
        let parsed: Kind? =
            switch text[..<open] {
            case "rate": Self.rate(inner)
            case "cron": Self.cron(inner)
            default: nil
            }
        guard let parsed else { return nil }
        kind = parsed
    }

    /// The first whole minute after `date` at which the schedule fires; `nil` when it never does again.
    ///
    /// - Parameter start: when a rate began to run.
    public func next(after date: Date, start: Date) -> Date? {
        switch kind {
        case .rate(let minutes):
            let interval = Double(minutes * 60)
            let elapsed = (date.timeIntervalSince(start) / interval).rounded(.down)
            return start.addingTimeInterval((elapsed + 1) * interval)
        case .cron(let fields): return Self.next(after: date, fields)
        }
    }

    private static func rate(_ text: Substring) -> Kind? {
        let parts = text.split(separator: " ")
        guard parts.count == 2, let value = Int(parts[0]), value > 0 else { return nil }
        let unit = String(parts[1])
        let minutes = ["minute": 1, "hour": 60, "day": 1440]
        // "rate(1 minute)" and "rate(5 minutes)": EventBridge insists on the right grammatical number.
        let name = value == 1 ? unit : (unit.hasSuffix("s") ? String(unit.dropLast()) : "")
        return minutes[name].map { .rate(minutes: $0 * value) }
    }

    private static func cron(_ text: Substring) -> Kind? {
        let parts = text.split(separator: " ").map(String.init)
        guard parts.count == 6 else { return nil }
        let months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
        let weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
        // Exactly one of day-of-month and day-of-week is "?".
        guard (parts[2] == "?") != (parts[4] == "?"),
            let minutes = field(parts[0], 0...59), let hours = field(parts[1], 0...23),
            let month = field(parts[3], 1...12, names: months), let year = field(parts[5], years)
        else { return nil }
        let days = parts[2] == "?" ? nil : field(parts[2], 1...31)
        let week = parts[4] == "?" ? nil : field(parts[4], 1...7, names: weekdays)
        guard days != nil || week != nil else { return nil }
        return .cron(
            CronFields(minutes: minutes, hours: hours, days: days, months: month, weekdays: week, years: year))
    }

    private static func field(_ text: String, _ range: ClosedRange<Int>, names: [String] = []) -> Set<Int>? {
        var values: Set<Int> = []
        for part in text.split(separator: ",") {
            let stepped = part.split(separator: "/", maxSplits: 1)
            guard let body = stepped.first, let step = stepped.count == 2 ? Int(stepped[1]) : 1, step > 0 else {
                return nil
            }
            func number(_ text: Substring) -> Int? {
                let value = names.firstIndex(of: text.uppercased()).map { $0 + range.lowerBound } ?? Int(text)
                return value.flatMap { range.contains($0) ? $0 : nil }
            }
            let bounds = body.split(separator: "-", maxSplits: 1)
            if body == "*" {
                values.formUnion(stride(from: range.lowerBound, through: range.upperBound, by: step))
            } else if bounds.count == 2, let first = number(bounds[0]), let last = number(bounds[1]), first <= last {
                values.formUnion(stride(from: first, through: last, by: step))
            } else if let value = number(body) {
                values.formUnion(stride(from: value, through: stepped.count == 2 ? range.upperBound : value, by: step))
            } else {
                return nil
            }
        }
        return values.isEmpty ? nil : values
    }

    private static func next(after date: Date, _ fields: CronFields) -> Date? {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let minute = Date(timeIntervalSince1970: (date.timeIntervalSince1970 / 60).rounded(.down) * 60 + 60)
        var day = calendar.startOfDay(for: minute)
        // Up to eight years lie between two leap days (around 2100); twelve cover every gap.
        for _ in 0..<(366 * 12) {
            let parts = calendar.dateComponents([.year, .month, .day, .weekday], from: day)
            if let year = parts.year, year > (fields.years.max() ?? 0) { return nil }
            let matches =
                fields.years.contains(parts.year ?? 0) && fields.months.contains(parts.month ?? 0)
                && (fields.days?.contains(parts.day ?? 0) ?? true)
                && (fields.weekdays?.contains(parts.weekday ?? 0) ?? true)
            if matches {
                for hour in fields.hours.sorted() {
                    for value in fields.minutes.sorted() {
                        let candidate = day.addingTimeInterval(Double(hour * 3600 + value * 60))
                        if candidate >= minute { return candidate }
                    }
                }
            }
            day = day.addingTimeInterval(86_400)
        }
        return nil
    }
}
