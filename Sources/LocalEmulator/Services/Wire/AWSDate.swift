import Foundation

/// Dates as AWS documents write them.
enum AWSDate {
    /// `2026-11-03T10:00:00.000Z`.
    static func iso(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
