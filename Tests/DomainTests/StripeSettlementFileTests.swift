import Domain
import Foundation
import Testing

@Suite struct StripeSettlementFileTests {
    private static let header =
        "balance_transaction_id,created,available_on,currency,gross,fee,net,reporting_category,source_id,"
        + "payment_intent_id,charge_id,automatic_payout_id,description,payment_metadata[charge_id],"
        + "refund_metadata[refund_id]"

    private func row(
        created: String = "2026-03-01 12:34:56", currency: String = "eur", gross: String = "19.99",
        fee: String = "0.59", net: String = "19.40", category: String = "charge", description: String = ""
    ) -> String {
        "txn_1,\(created),2026-03-03 00:00:00,\(currency),\(gross),\(fee),\(net),\(category),ch_s,pi_1,ch_s,,"
            + "\(description),ch_1,"
    }

    private func parse(_ lines: String...) throws -> [SettlementRow] {
        try StripeSettlementFile.parse(Data(([Self.header] + lines).joined(separator: "\n").utf8))
    }

    @Test("charges and refunds are read exactly")
    func rows() throws {
        let refund = "txn_2,2026-03-01 13:00:00,,EUR,-5.00,0,-5.00,refund,re_s,pi_1,ch_s,po_1,,ch_1,re_1"
        let rows = try parse(row(), refund)
        let expected = [
            SettlementRow(
                rowNumber: 1, balanceTransactionID: "txn_1", sourceID: "ch_s", paymentIntentID: "pi_1",
                category: .charge, gross: try Sample.money(1999), feeMinor: 59, netMinor: 1940,
                created: try #require(RFC3339.parse("2026-03-01T12:34:56Z")), chargeID: ChargeID(rawValue: "ch_1"),
                refundID: nil),
            SettlementRow(
                rowNumber: 2, balanceTransactionID: "txn_2", sourceID: "re_s", paymentIntentID: "pi_1",
                category: .refund, gross: try Sample.money(-500), feeMinor: 0, netMinor: -500,
                created: try #require(RFC3339.parse("2026-03-01T13:00:00Z")), chargeID: ChargeID(rawValue: "ch_1"),
                refundID: Sample.refundID),
        ]
        #expect(rows == expected)
    }

    @Test("quotes, line breaks in quotes, CRLF, a byte order mark, blank lines and a missing last line end")
    func dialects() throws {
        let quoted = #""two, ""quoted"" words"# + "\r\nand a line\""
        let text =
            "\u{FEFF}" + Self.header + "\r\n" + row(description: quoted) + "\r\n\r\n"
            + row(gross: "\"1.00\"", fee: "0.00", net: "1.00")
        let rows = try StripeSettlementFile.parse(Data(text.utf8))
        #expect(rows.map(\.gross.amountMinor) == [1999, 100])
        #expect(rows.map(\.rowNumber) == [1, 2])
        // The mark may also be cut off with the slice it came in.
        let padded = Data("xx".utf8) + Data(text.utf8)
        #expect(try StripeSettlementFile.parse(padded.dropFirst(2)) == rows)
    }

    @Test("columns are found by name, in any order and among others")
    func columnsByName() throws {
        let names = Self.header.split(separator: ",", omittingEmptySubsequences: false)
        let values = row().split(separator: ",", omittingEmptySubsequences: false)
        let text =
            (["card_brand"] + names.reversed()).joined(separator: ",") + "\n"
            + (["visa"] + values.reversed()).joined(separator: ",")
        #expect(try StripeSettlementFile.parse(Data(text.utf8)) == parse(row()))
    }

    @Test("D-14: amounts have the decimals of their currency")
    func decimals() throws {
        let yen = try parse(row(currency: "JPY", gross: "1000", fee: "36", net: "964"))
        #expect(yen.map(\.gross) == [try Sample.money(1000, "JPY")])
        let dinar = try parse(row(currency: "kwd", gross: "1.234", fee: "0.004", net: "1.230"))
        #expect(dinar.map(\.gross) == [try Sample.money(1234, "KWD")])
    }

    @Test("D-22: a category without a rule is kept under its own name")
    func openCategories() throws {
        let fee = "txn_3,2026-03-01 13:00:00,,usd,0,15.00,-15.00,fee,,,,,,,"
        let rows = try parse(fee)
        #expect(rows.map(\.category) == [.other("fee")])
        #expect(rows.first?.sourceID == nil)
    }

    @Test("a file with only its header has no rows")
    func onlyHeader() throws {
        #expect(try parse().isEmpty)
    }

    @Test("the first problem is reported with line and column")
    func problems() throws {
        let euro = try Currency("EUR")
        let cases: [(String, SettlementError)] = [
            (row(gross: "1,99"), SettlementError(.fieldCount(expected: 15, found: 16), line: 3)),
            (
                row(gross: "\"1,99\""),
                SettlementError(.invalidAmount(.malformedAmount("1,99")), line: 3, column: "gross")
            ),
            (
                row(fee: "0.595"),
                SettlementError(.invalidAmount(.tooPrecise("0.595", euro)), line: 3, column: "fee")
            ),
            (
                row(net: "19.41"),
                SettlementError(.controlSum(gross: "19.99", fee: "0.59", net: "19.41"), line: 3, column: "net")
            ),
            (row(net: ""), SettlementError(.missingValue, line: 3, column: "net")),
            (row(currency: "EURO"), SettlementError(.unknownCurrency("EURO"), line: 3, column: "currency")),
            (
                row(created: "2026-02-30 00:00:00"),
                SettlementError(.invalidTimestamp("2026-02-30 00:00:00"), line: 3, column: "created")
            ),
            (row(category: ""), SettlementError(.missingValue, line: 3, column: "reporting_category")),
            (row(description: "\"never ends"), SettlementError(.unterminatedQuote, line: 3)),
            (row(description: "\"a\"b"), SettlementError(.misplacedQuote, line: 3)),
            (row(description: "a\"b"), SettlementError(.misplacedQuote, line: 3)),
        ]
        for (line, expected) in cases {
            #expect(throws: expected) { try parse(row(), line) }
        }
    }

    @Test("lines are counted through quoted line breaks")
    func lineNumbers() throws {
        let expected = SettlementError(.missingValue, line: 5, column: "gross")
        #expect(throws: expected) { try parse(row(description: "\"three\nlines\nlong\""), row(gross: "")) }
        #expect(expected.description == "line 5, column gross: the value is missing")
    }

    @Test("a file without a usable header is refused")
    func headers() throws {
        let withoutNet = Self.header.replacing(",net,", with: ",netto,")
        let cases: [(Data, SettlementError)] = [
            (Data(), SettlementError(.empty, line: 1)),
            (Data([0xEF, 0xBB, 0xBF, 0x0A]), SettlementError(.empty, line: 1)),
            (Data(withoutNet.utf8), SettlementError(.missingColumn, line: 1, column: "net")),
            (Data((Self.header + ",net").utf8), SettlementError(.duplicateColumn, line: 1, column: "net")),
            (Data([0xFF, 0xFE, 0x2C]), SettlementError(.notUTF8, line: 1)),
        ]
        for (data, expected) in cases {
            #expect(throws: expected) { try StripeSettlementFile.parse(data) }
        }
    }

    @Test("no truncation or byte flip crashes the reader")
    func damage() throws {
        let file = Data(
            ([Self.header, row(description: "\"a \"\"b\"\" c\"")] + [row()]).joined(separator: "\r\n").utf8)
        for length in 0..<file.count {
            _ = try? StripeSettlementFile.parse(file.prefix(length))
        }
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<2000 {
            var damaged = file
            damaged[Int.random(in: 0..<file.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            _ = try? StripeSettlementFile.parse(damaged)
        }
    }
}
