import Domain
import FoundationEssentials

/// A UTC day, as settlement files are cut.
struct SettlementDay: Sendable, Equatable, CustomStringConvertible {
    private static let secondsPerDay = 86_400.0

    /// `YYYY-MM-DD`.
    let description: String
    /// The first moment of the day.
    let start: Date

    /// The first moment after the day.
    var end: Date { start.addingTimeInterval(Self.secondsPerDay) }

    /// A day written as `YYYY-MM-DD`; `nil` for anything else and for dates that do not exist.
    init?(_ text: String) {
        guard let start = RFC3339.parse(text + "T00:00:00Z") else { return nil }
        description = text
        self.start = start
    }

    /// The day before the one in which a moment lies.
    init?(before moment: Date) {
        let earlier = RFC3339.format(moment.addingTimeInterval(-Self.secondsPerDay))
        self.init(String(earlier.prefix { $0 != "T" }))
    }
}
