import Domain
import Foundation
import LambdaRuntime
import PostgresClient
import Telemetry
import TestSupport
import Testing

@testable import Reconciliation

@Suite("A day of the ledger against the provider's file")
struct ReconciliationTests {
    private static let day = "2026-11-19"
    private static let noon = "2026-11-19 12:00:00"

    /// Two charges and a refund, and a file that tells another amount for the second charge.
    private func makeSetupWithDiscrepancy() throws -> ReconciliationSetup {
        let setup = try ReconciliationSetup()
        try setup.bookCharge("a", 1999, at: "2026-11-19T11:59:00Z")
        try setup.bookCharge("b", 5000, at: "2026-11-19T12:00:00Z")
        try setup.bookRefund("r", of: "a", 500, at: "2026-11-19T13:00:00Z")
        setup.places.put(
            SettlementFile.text([
                SettlementFile.charge("a", "19.99", fee: "0.59", net: "19.40", at: Self.noon),
                SettlementFile.charge("b", "50.01", at: Self.noon),
                SettlementFile.refund("r", of: "a", "5.00", at: "2026-11-19 13:00:00"),
            ]), day: Self.day)
        return setup
    }

    @Test("everything matches but the planted discrepancy, which report and message name")
    func plantedDiscrepancy() async throws {
        let setup = try makeSetupWithDiscrepancy()
        let summary = try await setup.run(Self.day)
        let key = "reconciliation/2026-11-19/stripe.json"
        #expect(
            summary
                == ReconciliationSummary(date: Self.day, rows: 3, matched: 2, discrepancies: 1, reportKey: key))
        #expect(setup.places.documents.keys.sorted() == ["reconciliation/2026-11-19/stripe.csv", key])

        let document = try JSONSerialization.jsonObject(with: #require(setup.places.documents[key])) as? [String: Any]
        let discrepancies = try #require(document?["discrepancies"] as? [[String: Any]])
        #expect(discrepancies.map { $0["class"] as? String } == ["AMOUNT_MISMATCH"])
        #expect(discrepancies.map { $0["charge_id"] as? String } == ["ch_b"])
        let csv = String(
            decoding: setup.places.documents["reconciliation/2026-11-19/stripe.csv"] ?? Data(), as: UTF8.self)
        #expect(csv.contains("AMOUNT_MISMATCH,2,txn_b,charge,py_b,ch_b,,EUR,50.01"))

        let alert = try #require(setup.places.alerts.first)
        #expect(setup.places.alerts.count == 1)
        #expect(alert.subject == "Reconciliation 2026-11-19: 1 discrepancy")
        #expect(alert.message.contains("2 matched, 0 in timing, 1 discrepancy."))
        #expect(alert.message.contains("AMOUNT_MISMATCH, row 2 txn_b 50.01 EUR, charge ch_b: ledger 50.00 EUR"))
        #expect(alert.message.contains(key))
    }

    @Test("a run goes on over the rotation of the database's password, before it reads and before it records")
    func secretRotation() async throws {
        let setup = try makeSetupWithDiscrepancy()
        try setup.rotatePassword()
        #expect(try await setup.run(Self.day).matched == 2)
        setup.places.beforeStore { try setup.rotatePassword() }
        #expect(try await setup.run(Self.day).matched == 2)
        #expect(try setup.owner.query("SELECT 1 FROM settled_items").count == 3)
    }

    @Test("the summary is the function's JSON answer")
    func summaryJSON() throws {
        let summary = ReconciliationSummary(date: "d", rows: 3, matched: 2, discrepancies: 1, reportKey: "k")
        #expect(
            String(decoding: try summary.lambdaPayload(), as: UTF8.self)
                == #"{"date":"d","discrepancies":1,"matched":2,"report_key":"k","rows":3}"#)
    }

    @Test("a second run gives the same bytes and keeps the same books")
    func rerun() async throws {
        let setup = try makeSetupWithDiscrepancy()
        let first = try await setup.run(Self.day)
        let documents = setup.places.documents
        let settled = try settledItems(setup)
        #expect(try await setup.run(Self.day) == first)
        #expect(setup.places.documents == documents)
        #expect(try settledItems(setup) == settled)
    }

    @Test("nothing to discuss, no message")
    func clean() async throws {
        let setup = try ReconciliationSetup()
        try setup.bookCharge("a", 1999, at: "2026-11-19T11:59:00Z")
        setup.places.put(SettlementFile.text([SettlementFile.charge("a", "19.99", at: Self.noon)]), day: Self.day)
        #expect(try await setup.run(Self.day).discrepancies == 0)
        #expect(setup.places.alerts.isEmpty)
    }

    @Test("each kind of difference is named")
    func kinds() async throws {
        let setup = try ReconciliationSetup()
        try setup.bookCharge("gone", 100, at: "2026-11-19T10:00:00Z")
        setup.places.put(
            SettlementFile.text([
                SettlementFile.charge("stranger", "3.00", at: Self.noon),
                "txn_fee,\(Self.noon),\(Self.noon),eur,0.00,1.00,-1.00,fee,,,,,Radar,,",
            ]), day: Self.day)
        let summary = try await setup.run(Self.day)
        #expect(summary.discrepancies == 3)
        let message = try #require(setup.places.alerts.first).message
        for line in [
            "MISSING_IN_LEDGER, row 1 txn_stranger 3.00 EUR, charge ch_stranger",
            "UNKNOWN_TYPE, row 2 txn_fee 0.00 EUR", "MISSING_AT_PSP, charge ch_gone",
        ] {
            #expect(message.contains(line))
        }
    }

    @Test("D-21: an item of the day's last hour waits for the next file, which settles it")
    func timing() async throws {
        let setup = try ReconciliationSetup()
        try setup.bookCharge("late", 100, at: "2026-11-19T23:59:59Z")
        setup.places.put(SettlementFile.text([]), day: "2026-11-19")
        setup.places.put(
            SettlementFile.text([SettlementFile.charge("late", "1.00", at: "2026-11-20 00:00:01")]), day: "2026-11-20")
        #expect(try await setup.run("2026-11-19").discrepancies == 0)
        #expect(try await setup.run("2026-11-20").matched == 1)
        #expect(try await setup.run("2026-11-20").matched == 1)
    }

    @Test("D-21: what no file accounts for is missed the day after")
    func missing() async throws {
        let setup = try ReconciliationSetup()
        try setup.bookCharge("late", 100, at: "2026-11-19T23:59:59Z")
        for day in ["2026-11-19", "2026-11-20"] { setup.places.put(SettlementFile.text([]), day: day) }
        #expect(try await setup.run("2026-11-19").discrepancies == 0)
        #expect(try await setup.run("2026-11-20").discrepancies == 1)
    }

    @Test("an outcome that was established days later matches the day on which the PSP moved the money")
    func lateBooking() async throws {
        let setup = try ReconciliationSetup()
        try setup.bookCharge("unknown", 100, at: "2026-11-21T09:00:00Z")
        try setup.bookCharge("other", 100, at: "2026-11-21T09:00:00Z")
        setup.places.put(SettlementFile.text([SettlementFile.charge("unknown", "1.00", at: Self.noon)]), day: Self.day)
        setup.places.put(
            SettlementFile.text([SettlementFile.charge("other", "1.00", at: "2026-11-21 08:59:59")]), day: "2026-11-21")
        let summary = try await setup.run(Self.day)
        #expect((summary.matched, summary.discrepancies) == (1, 0))
        let report = String(decoding: setup.places.documents[summary.reportKey] ?? Data(), as: UTF8.self)
        #expect(report.contains("ch_unknown"))
        #expect(!report.contains("ch_other"), "what was booked after the day waits for the file of its own day")
        let later = try await setup.run("2026-11-21")
        #expect((later.matched, later.discrepancies) == (1, 0))
    }

    @Test("a restated file replaces what the first one said")
    func restated() async throws {
        let setup = try makeSetupWithDiscrepancy()
        _ = try await setup.run(Self.day)
        setup.places.put(
            SettlementFile.text([
                SettlementFile.charge("b", "50.00", at: Self.noon),
                SettlementFile.refund("r", of: "a", "5.00", at: "2026-11-19 13:00:00"),
            ]), day: Self.day)
        let summary = try await setup.run(Self.day)
        #expect((summary.rows, summary.matched, summary.discrepancies) == (2, 2, 1))
        #expect(try settledItems(setup) == ["(evt_b,2026-11-19,txn_b)", "(evt_r,2026-11-19,txn_r)"])
    }

    @Test("a missing file is a clear error and a message")
    func missingFile() async throws {
        let setup = try ReconciliationSetup()
        await #expect(throws: ReconciliationError.fileMissing(path: "stripe_2026-11-19.csv")) {
            try await setup.run(Self.day)
        }
        #expect(setup.places.documents.isEmpty)
        #expect(setup.places.alerts.map(\.subject) == ["Reconciliation 2026-11-19 failed"])
        #expect(setup.places.alerts.first?.message.contains("stripe_2026-11-19.csv is not there") == true)
    }

    @Test("a file that cannot be trusted is not used at all; the message names line and column")
    func brokenFile() async throws {
        let setup = try ReconciliationSetup()
        setup.places.put(
            SettlementFile.text([
                SettlementFile.charge("a", "19.99", at: Self.noon), SettlementFile.charge("b", "1.999", at: Self.noon),
            ]), day: Self.day)
        await #expect {
            try await setup.run(Self.day)
        } throws: { error in
            guard case .fileInvalid(_, let detail)? = error as? ReconciliationError else { return false }
            return detail.contains("line 3, column gross")
        }
        #expect(setup.places.documents.isEmpty)
        #expect(setup.places.alerts.first?.message.contains("line 3, column gross") == true)
    }

    @Test("without a day in the detail it is the UTC day before the event, also across a new year")
    func defaultDay() async throws {
        let setup = try ReconciliationSetup()
        let context = LambdaContext(requestID: "r", logger: Logger(minimumLevel: .error, sink: { _ in }))
        for (time, day) in [
            ("2026-11-20T02:00:00Z", "2026-11-19"), ("2027-01-01T00:00:00Z", "2026-12-31"),
            ("2028-03-01T23:59:59Z", "2028-02-29"),
        ] {
            setup.places.put(SettlementFile.text([]), day: day)
            let summary = try await setup.handler().handle(
                ReconciliationSetup.event(time: time, date: nil), context: context)
            #expect(summary.date == day)
        }
    }

    @Test(
        "an event that names no day is refused",
        arguments: [
            ("2026-11-20T02:00:00Z", "2026-02-30"), ("2026-11-20T02:00:00Z", "yesterday"), ("soon", nil),
            ("2026-11-20T02:00:00Z", "../../etc"),
        ])
    func invalidDay(_ time: String, _ date: String?) async throws {
        let setup = try ReconciliationSetup()
        let context = LambdaContext(requestID: "r", logger: Logger(minimumLevel: .error, sink: { _ in }))
        await #expect {
            try await setup.handler().handle(ReconciliationSetup.event(time: time, date: date), context: context)
        } throws: { error in
            if case .invalidEvent? = error as? ReconciliationError { true } else { false }
        }
    }

    private func settledItems(_ setup: ReconciliationSetup) throws -> [String] {
        try setup.owner.query("SELECT t::text AS line FROM settled_items AS t ORDER BY 1").rows
            .map { try $0.text("line") }
    }
}
