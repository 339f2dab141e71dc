import Domain
import Foundation
import Testing

@Suite struct RFC3339Tests {
    @Test(
        "moments are written in UTC with milliseconds",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_772_368_496.789, "2026-03-01T12:34:56.789Z"),
            (1_709_164_800, "2024-02-29T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.000Z"),
            (951_782_400.001, "2000-02-29T00:00:00.001Z"), (253_402_300_799.999, "9999-12-31T23:59:59.999Z"),
            (0.9996, "1970-01-01T00:00:01.000Z"),
        ] as [(Double, String)])
    func format(seconds: Double, text: String) {
        #expect(RFC3339.format(Date(timeIntervalSince1970: seconds)) == text)
    }

    @Test("moments outside the calendar are clamped and never trap")
    func clamped() {
        #expect(RFC3339.format(.distantPast) == "0001-01-01T00:00:00.000Z")
        #expect(RFC3339.format(Date(timeIntervalSince1970: .infinity)) == "9999-12-31T23:59:59.999Z")
        #expect(RFC3339.format(Date(timeIntervalSince1970: .nan)) == "9999-12-31T23:59:59.999Z")
    }

    @Test(
        "text that is no moment in UTC is refused",
        arguments: [
            "", "Z", "2026-03-01", "2026-03-01T12:34:56", "2026-03-01 12:34:56Z", "2026-02-29T00:00:00Z",
            "2026-04-31T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z",
            "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00.1Z",
            "2026-01-01T00:00:00,123Z", "2026-01-01T00:00:00+01:00", "0000-01-01T00:00:00Z", "２026-01-01T00:00:00Z",
        ])
    func refused(text: String) {
        #expect(RFC3339.parse(text) == nil)
    }

    @Test("what was written is read back as the same moment, for random moments")
    func roundTrip() {
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<5000 {
            let milliseconds = Int64.random(in: -62_135_596_800_000...253_402_300_799_999, using: &generator)
            let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
            #expect(RFC3339.parse(RFC3339.format(date)) == date)
        }
    }

    @Test("the calendar agrees with Foundation's")
    func oracle() {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<500 {
            // From 1900 on: before 1582 Foundation's formatter keeps the Julian calendar.
            let seconds = Int64.random(in: -2_208_988_800...253_402_300_799, using: &generator)
            let date = Date(timeIntervalSince1970: Double(seconds))
            #expect(RFC3339.format(date) == formatter.string(from: date))
        }
    }
}
