import Foundation
import PostgresClient
import TestSupport
import Testing

@Suite("Values cross the wire unchanged")
struct PostgresValueTests {
    static let awkwardTexts = [
        "", " ", "NULL", "null", "{}", "a,b", "\"quoted\"", "back\\slash", "\\\"", "line\nbreak\ttab",
        "'; DROP TABLE x; --",
        "Zürich 東京 🏦", String(repeating: "é", count: 70_000),
    ]

    @Test("a text arrives as it was sent", arguments: awkwardTexts)
    func text(_ text: String) throws {
        let row = try #require(try PostgresFixture.connection().query("SELECT $1::text AS value", [.text(text)]).first)
        #expect(try row.text("value") == text)
    }

    @Test("array elements arrive as they were sent, NULL apart from the text NULL")
    func textArray() throws {
        let texts: [String?] = Self.awkwardTexts.map { $0 } + [nil]
        let rows = try PostgresFixture.connection().query(
            "SELECT value FROM unnest($1::text[]) WITH ORDINALITY AS t (value, n) ORDER BY n", [.textArray(texts)])
        #expect(try rows.rows.map { try $0.optionalText("value") } == texts)
    }

    @Test("an empty array is an empty array")
    func emptyArray() throws {
        let rows = try PostgresFixture.connection().query("SELECT unnest($1::text[]) AS value", [.textArray([])])
        #expect(rows.count == 0)
        #expect(rows.first == nil)
    }

    @Test("integers keep all 64 bits, alone and in arrays")
    func integers() throws {
        let numbers: [Int64] = [.min, -1, 0, 1, .max]
        let connection = try PostgresFixture.connection()
        for number in numbers {
            let row = try #require(try connection.query("SELECT $1::bigint AS value", [.integer(number)]).first)
            #expect(try row.integer("value") == number)
        }
        let rows = try connection.query("SELECT unnest($1::bigint[]) AS value", [.integerArray(numbers)])
        #expect(try rows.rows.map { try $0.integer("value") } == numbers)
    }

    @Test("bytes, truth values and NULL")
    func others() throws {
        let connection = try PostgresFixture.connection()
        let bytes = Data((0...255).map { UInt8($0) })
        let row = try #require(
            try connection.query(
                "SELECT encode($1::bytea, 'hex') AS hex, $2::boolean AS yes, $3::text AS nothing, $4::boolean[] AS list",
                [.bytes(bytes), .boolean(true), nil, .booleanArray([true, false])]
            ).first)
        #expect(try row.text("hex") == bytes.map { String(format: "%02x", $0) }.joined())
        #expect(try row.boolean("yes"))
        #expect(try row.optionalText("nothing") == nil)
        #expect(try row.text("list") == "{t,f}")
        #expect(throws: PostgresError.unexpectedResult("nothing is NULL")) { try row.text("nothing") }
        #expect(throws: PostgresError.unexpectedResult("the result has no column other")) { try row.text("other") }
        #expect(throws: PostgresError.unexpectedResult("hex is not a 64-bit integer")) { try row.integer("hex") }
    }

    @Test("instants agree with the server's own arithmetic, before 1970 and on leap days too")
    func timestamps() throws {
        let connection = try PostgresFixture.connection()
        var generator = SeededGenerator(seed: 20_261_120)
        let fixed: [Int64] = [0, -1, 1, 951_782_400_000_000, 4_107_542_399_999_999, -2_208_988_800_000_000]
        let random = (0..<200).map { _ in
            Int64.random(in: -60_000_000_000_000_000...60_000_000_000_000_000, using: &generator)
        }
        for microseconds in fixed + random {
            let date = Date(timeIntervalSince1970: Double(microseconds) / 1_000_000)
            let row = try #require(
                try connection.query(
                    "SELECT $1::timestamptz AS back, (extract(epoch FROM $1::timestamptz) * 1000000)::bigint AS number",
                    [.timestamp(date)]
                ).first)
            // A Double holds microseconds exactly only near the reference date; what it holds must arrive.
            let sent = Int64((date.timeIntervalSince1970 * 1_000_000).rounded())
            #expect(try row.integer("number") == sent)
            #expect(try abs(row.timestamp("back").timeIntervalSince(date)) < 0.000_02)
        }
    }

    @Test("an instant that is not a date is an error, not a date")
    func infinity() throws {
        let row = try #require(
            try PostgresFixture.connection().query("SELECT 'infinity'::timestamptz AS value").first)
        #expect(throws: PostgresError.unexpectedResult("value is not a timestamp with time zone")) {
            try row.timestamp("value")
        }
    }

    @Test("a text with a zero byte is refused instead of cut off")
    func zeroByte() throws {
        let connection = try PostgresFixture.connection()
        #expect(throws: PostgresError.unsendableValue("a text holds a zero byte")) {
            try connection.query("SELECT $1::text", [.text("before\0after")])
        }
        #expect(throws: PostgresError.unsendableValue("a text holds a zero byte")) {
            try connection.query("SELECT $1::text[]", [.textArray(["a\0b"])])
        }
        #expect(PostgresError.unsendableValue("").isCausedByData)
    }
}
