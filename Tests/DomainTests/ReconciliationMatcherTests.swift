import Domain
import Foundation
import Testing

@Suite struct ReconciliationMatcherTests {
    private static let cutOff = Date(timeIntervalSince1970: 1_772_400_000)

    private func chargeRow(
        _ number: Int, _ charge: String? = "ch_1", _ amountMinor: Int64 = 10_000, _ code: String = "EUR",
        transaction: String? = nil, intent: String? = nil, category: SettlementCategory = .charge
    ) throws -> SettlementRow {
        SettlementRow(
            rowNumber: number, balanceTransactionID: transaction ?? "txn_\(number)", sourceID: "ch_s",
            paymentIntentID: intent, category: category, gross: try Sample.money(amountMinor, code), feeMinor: 50,
            netMinor: amountMinor - 50, created: Self.cutOff, chargeID: charge.map(ChargeID.init(rawValue:)),
            refundID: nil)
    }

    private func refundRow(
        _ number: Int, _ refund: String?, source: String, _ amountMinor: Int64 = -4000
    ) throws -> SettlementRow {
        SettlementRow(
            rowNumber: number, balanceTransactionID: "txn_\(number)", sourceID: source, paymentIntentID: "pi_1",
            category: .refund, gross: try Sample.money(amountMinor), feeMinor: 0, netMinor: amountMinor,
            created: Self.cutOff, chargeID: ChargeID(rawValue: "ch_1"), refundID: refund.map(RefundID.init(rawValue:)))
    }

    private func item(
        _ charge: String = "ch_1", _ amountMinor: Int64 = 10_000, refund: String? = nil, reference: String? = "pi_1",
        secondsAfterCutOff: Double = -3600
    ) throws -> LedgerSettlementItem {
        LedgerSettlementItem(
            eventID: EventID(rawValue: "evt_\(charge)_\(refund ?? "")"),
            subject: refund.map { .refund(RefundID(rawValue: $0)) } ?? .charge,
            chargeID: ChargeID(rawValue: charge), providerReference: reference,
            amount: try Sample.money(amountMinor), occurredAt: Self.cutOff.addingTimeInterval(secondsAfterCutOff))
    }

    private func classes(_ rows: [SettlementRow], _ ledger: [LedgerSettlementItem]) throws -> [ReconciliationClass] {
        try ReconciliationMatcher.match(rows: rows, ledger: ledger, expectedBefore: Self.cutOff)
            .lines.map(\.classification)
    }

    @Test("both sides agree, by our id or by the provider's reference in any letter case")
    func matched() throws {
        #expect(try classes([chargeRow(1)], [item()]) == [.matched])
        #expect(try classes([chargeRow(1, nil, intent: "PI_1")], [item()]) == [.matched])
        let refund = try item("ch_1", -4000, refund: "re_1", reference: "re_s1")
        #expect(try classes([refundRow(1, "re_1", source: "x")], [refund]) == [.matched])
        #expect(try classes([refundRow(1, nil, source: "Re_S1")], [refund]) == [.matched])
    }

    @Test("a refund's row is not taken for its charge's")
    func refundIsNotCharge() throws {
        let rows = [try chargeRow(1), try refundRow(2, "re_1", source: "re_s1")]
        let ledger = [try item(), try item("ch_1", -4000, refund: "re_1", reference: "re_s1")]
        #expect(try classes(rows, ledger) == [.matched, .matched])
        #expect(try classes([rows[1]], [ledger[0]]) == [.missingInLedger, .missingAtProvider])
    }

    @Test("amounts and currencies that differ")
    func mismatches() throws {
        #expect(try classes([chargeRow(1, "ch_1", 9999)], [item()]) == [.amountMismatch])
        #expect(try classes([chargeRow(1, "ch_1", 10_000, "USD")], [item()]) == [.currencyMismatch])
    }

    @Test("duplicates on either side")
    func duplicates() throws {
        #expect(try classes([chargeRow(1), chargeRow(2)], [item()]) == [.matched, .duplicateAtProvider])
        let repeated = try [chargeRow(1, transaction: "txn"), chargeRow(2, "ch_2", transaction: "txn")]
        let ledger = try [item(), item("ch_2", reference: "pi_2")]
        #expect(try classes(repeated, ledger) == [.matched, .duplicateAtProvider, .missingAtProvider])
        #expect(try classes([chargeRow(1)], [item(), item()]) == [.matched, .duplicateInLedger])
    }

    @Test("D-21: what is missing in the file is missing only after its time")
    func missing() throws {
        #expect(try classes([chargeRow(1)], []) == [.missingInLedger])
        #expect(try classes([], [item(secondsAfterCutOff: -0.001)]) == [.missingAtProvider])
        #expect(try classes([], [item(secondsAfterCutOff: 0)]) == [.timing])
    }

    @Test("D-22: a category without a rule is reported, never dropped and never matched")
    func unknownType() throws {
        #expect(try classes([chargeRow(1, category: .other("payout"))], []) == [.unknownType])
    }

    @Test("H.8: every row and every ledger item is in exactly one line, for random files")
    func everyRowOnce() throws {
        for seed: UInt64 in 1...200 {
            var generator = SeededGenerator(seed: seed)
            func random(_ upper: Int) -> Int { Int.random(in: 0..<upper, using: &generator) }
            let rows = try (1...30).map { number -> SettlementRow in
                switch random(4) {
                case 0:
                    return try refundRow(number, random(2) == 0 ? "re_\(random(8))" : nil, source: "re_s\(random(8))")
                case 1: return try chargeRow(number, category: .other("payout"))
                default:
                    return try chargeRow(
                        number, random(3) == 0 ? nil : "ch_\(random(15))", random(5) == 0 ? 1 : 10_000,
                        random(9) == 0 ? "USD" : "EUR", transaction: "txn_\(random(60))", intent: "pi_\(random(15))")
                }
            }
            let ledger = try (0..<25).map { _ in
                random(3) == 0
                    ? try item("ch_1", -4000, refund: "re_\(random(8))", reference: "re_s\(random(8))")
                    : try item(
                        "ch_\(random(15))", reference: "pi_\(random(15))", secondsAfterCutOff: Double(random(3) - 1))
            }
            let report = try ReconciliationMatcher.match(rows: rows, ledger: ledger, expectedBefore: Self.cutOff)
            #expect(report.lines.compactMap(\.row) == rows, "seed \(seed)")
            let items = report.lines.compactMap(\.item)
            #expect(items.count == ledger.count && Set(items) == Set(ledger), "seed \(seed)")
            let counted = ReconciliationClass.allCases.reduce(0) { $0 + report.count(of: $1) }
            #expect(counted == report.lines.count, "seed \(seed)")
            #expect(report.totals.values.reduce(0) { $0 + $1.rows } == rows.count, "seed \(seed)")
            for totals in report.totals.values {
                #expect(totals.netMinor == totals.grossMinor - totals.feeMinor, "seed \(seed)")
            }
        }
    }

    @Test("totals beyond 64 bits are refused")
    func overflow() throws {
        let rows = try [chargeRow(1, "ch_1", .max), chargeRow(2, "ch_2", .max)]
        #expect(throws: MoneyError.overflow) {
            try ReconciliationMatcher.match(rows: rows, ledger: [], expectedBefore: Self.cutOff)
        }
    }

    @Test("the report as CSV and JSON names the discrepancy with both sides")
    func rendering() throws {
        let rows = try [chargeRow(1), chargeRow(2, "ch_2", 9999), chargeRow(3, nil, category: .other("fee, other"))]
        let ledger = try [item(), item("ch_2", reference: "pi_2")]
        let report = try ReconciliationMatcher.match(rows: rows, ledger: ledger, expectedBefore: Self.cutOff)

        let lines = report.csv().split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.count == 5)
        #expect(lines[0].hasPrefix("class,row_number,balance_transaction_id,category,"))
        #expect(
            lines[2] == "AMOUNT_MISMATCH,2,txn_2,charge,ch_s,ch_2,,EUR,99.99,0.50,99.49,EUR,100.00,"
                + "2026-03-01T20:20:00.000Z,\"ledger 100.00 EUR, file 99.99 EUR\"")
        #expect(lines[3].contains(",\"fee, other\","))
        #expect(lines[4].isEmpty)

        let document = try #require(
            JSONSerialization.jsonObject(with: report.json()) as? [String: Any])
        let summary = try #require(document["summary"] as? [String: Int])
        #expect(summary["MATCHED"] == 1)
        #expect(summary["AMOUNT_MISMATCH"] == 1)
        #expect(summary["UNKNOWN_TYPE"] == 1)
        #expect(summary["TIMING"] == 0)
        let discrepancies = try #require(document["discrepancies"] as? [[String: Any]])
        #expect(discrepancies.map { $0["class"] as? String } == ["AMOUNT_MISMATCH", "UNKNOWN_TYPE"])
        let totals = try #require((document["totals"] as? [String: [String: Int]])?["EUR"])
        #expect(totals == ["rows": 3, "gross_minor": 29_999, "fee_minor": 150, "net_minor": 29_849])
        #expect(try report.json() == report.json())
    }
}
