import Foundation

/// An object as it was put.
struct S3Object: Sendable {
    let data: Data
    /// The entity tag without its quotes: the MD5 of the data, as for every object put in one piece.
    let entityTag: String
    let modifiedMilliseconds: Int64
    /// Content type, encoding and the sender's own `x-amz-meta-…` fields, given back on reading.
    let headers: [String: String]

    /// The date in the form of HTTP headers, for example `Tue, 03 Nov 2026 10:00:00 GMT`.
    var httpDate: String { S3Date.http(modifiedMilliseconds) }
}

/// A bucket: its objects by key.
struct S3Bucket: Sendable {
    let name: String
    let createdMilliseconds: Int64
    var objects: [String: S3Object] = [:]
}

/// The date form of HTTP headers.
enum S3Date {
    /// `Tue, 03 Nov 2026 10:00:00 GMT` (RFC 9110, 5.6.7).
    static func http(_ milliseconds: Int64) -> String {
        let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents(
            [.weekday, .day, .month, .year, .hour, .minute, .second], from: date)
        let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int?) -> String {
            let text = String(number ?? 0)
            return text.count < 2 ? "0" + text : text
        }
        let weekday = weekdays[((parts.weekday ?? 1) - 1) % 7]
        let month = months[((parts.month ?? 1) - 1) % 12]
        return "\(weekday), \(two(parts.day)) \(month) \(parts.year ?? 1970) "
            + "\(two(parts.hour)):\(two(parts.minute)):\(two(parts.second)) GMT"
    }
}
