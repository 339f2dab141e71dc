import Foundation
import Testing

@testable import AWSClient

@Suite("Signing time")
struct SigningTimeTests {
    @Test("agrees with Foundation's calendar over centuries, leap days and year ends included")
    func agreesWithFoundation() {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "yyyyMMdd'T'HHmmss'Z'"
        var moments: [TimeInterval] = [0, -1, 951_782_399, 951_782_400, 4_107_542_399, 4_107_542_400, 1_709_164_800]
        // A step with no common factor with a day, from 1930 to 2200.
        moments += stride(from: -1_262_304_000, through: 7_258_118_400, by: 7_654_321).map(TimeInterval.init)
        for moment in moments {
            let date = Date(timeIntervalSince1970: moment)
            #expect(SigningTime(date).timestamp == formatter.string(from: date))
        }
    }

    @Test("fractions of a second are cut off")
    func fractions() {
        let time = SigningTime(Date(timeIntervalSince1970: 1_440_938_160.999))
        #expect(time.timestamp == "20150830T123600Z")
        #expect(time.day == "20150830")
    }
}
