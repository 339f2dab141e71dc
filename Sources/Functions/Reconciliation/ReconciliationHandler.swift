import Domain
import FoundationEssentials
import FunctionsShared
import LambdaCodable
import LambdaEvents
import LambdaRuntime
import PostgresClient
import Telemetry

/// What the schedule, or a person running it by hand, may say about the run.
struct ReconciliationDetail: Codable, Sendable, Equatable {
    /// The UTC day to reconcile, `YYYY-MM-DD`; without it the day before the event's time.
    var date: String?
}

/// What a run came to.
struct ReconciliationSummary: Codable, Sendable, Equatable, LambdaEncodable {
    /// The UTC day, `YYYY-MM-DD`.
    let date: String
    /// Rows of the settlement file.
    let rows: Int
    let matched: Int
    let discrepancies: Int
    /// Where the JSON report is; the CSV stands next to it.
    let reportKey: String

    enum CodingKeys: String, CodingKey {
        case date, rows, matched, discrepancies
        case reportKey = "report_key"
    }
}

/// Compares a day's settlement file with the ledger, stores the report and names every discrepancy to people.
///
/// Safe to run again for the same day, after a crash, for a late file or for a restated one: the same input gives the
/// same report under the same keys.
struct ReconciliationHandler: LambdaHandler {
    /// How far before the day an open item is still looked for in the file, and how far after it an item may have been
    /// booked: an outcome that was unknown for days is booked when it is established, not when the PSP moved the money.
    static let searchDays = 7.0
    /// How close to the end of the day an item may be missing from the file: the provider's clock is not ours (D-21).
    static let defaultGraceMilliseconds = 3_600_000

    let provider = Provider.stripe
    let files: any SettlementFileSource
    let ledger: LedgerReadStore
    let records: SettlementRecords
    let reports: any ReportStore
    let alerts: any AlertTopic
    var graceMilliseconds = ReconciliationHandler.defaultGraceMilliseconds

    func handle(
        _ event: EventBridgeEvent<ReconciliationDetail>, context: LambdaContext
    ) async throws -> ReconciliationSummary {
        let eventTime = RFC3339.parse(event.time)
        let day = try Self.day(of: event, at: eventTime)
        do throws(ReconciliationError) {
            let summary = try await reconcile(day, at: eventTime ?? day.end)
            context.logger.info(
                "reconciled",
                [
                    "date": .string(summary.date), "rows": .integer(summary.rows),
                    "matched": .integer(summary.matched), "discrepancies": .integer(summary.discrepancies),
                ])
            return summary
        } catch {
            context.logger.error(
                "reconciliation failed", ["date": .string("\(day)"), "error": .string("\(error)")])
            await alert(of: error, day, context)
            throw error
        }
    }

    /// Tells people; that they could not be told is logged, and does not hide what went wrong before.
    private func alert(of error: ReconciliationError, _ day: SettlementDay, _ context: LambdaContext) async {
        do {
            try await alerts.publish(subject: "Reconciliation \(day) failed", message: error.errorMessage)
        } catch {
            context.logger.error(
                "nobody could be alerted", ["date": .string("\(day)"), "error": .string("\(error)")])
        }
    }

    private static func day(
        of event: EventBridgeEvent<ReconciliationDetail>, at time: Date?
    ) throws(ReconciliationError) -> SettlementDay {
        if let date = event.detail.date {
            guard let day = SettlementDay(date) else { throw .invalidEvent("detail.date is not a day (YYYY-MM-DD)") }
            return day
        }
        guard let time, let day = SettlementDay(before: time) else {
            throw .invalidEvent("time is not a UTC timestamp")
        }
        return day
    }

    private func reconcile(
        _ day: SettlementDay, at time: Date
    ) async throws(ReconciliationError) -> ReconciliationSummary {
        let name = "\(provider.rawValue)_\(day).csv"
        let rows: [SettlementRow]
        let file = try await files.file(named: name)
        do throws(SettlementError) {
            rows = try StripeSettlementFile.parse(file)
        } catch {
            throw .fileInvalid(path: name, detail: "\(error)")
        }
        let report = try await report(on: rows, day: day, time: time)
        let key = "reconciliation/\(day)/\(provider.rawValue).json"
        try await store(report, key: key, day: day)
        do throws(PostgresError) {
            try await records.record(report, day: day)
        } catch {
            throw .ledgerUnavailable("\(error)")
        }
        let discrepancies = report.discrepancies.count
        if discrepancies > 0 {
            try await alerts.publish(
                subject: DiscrepancyMessage.subject(day: day, count: discrepancies),
                message: DiscrepancyMessage.text(day: day, report: report, location: key))
        }
        return ReconciliationSummary(
            date: "\(day)", rows: rows.count, matched: report.count(of: .matched), discrepancies: discrepancies,
            reportKey: key)
    }

    private func report(
        on rows: [SettlementRow], day: SettlementDay, time: Date
    ) async throws(ReconciliationError) -> ReconciliationReport {
        let search = Self.searchDays * 86_400
        let open: [LedgerSettlementItem]
        do throws(PostgresError) {
            open = try await ledger.openSettlementItems(
                provider: provider,
                occurredIn: day.start.addingTimeInterval(-search)..<day.end.addingTimeInterval(search),
                notSettledBefore: day.description)
        } catch {
            throw .ledgerUnavailable("\(error)")
        }
        let cutOff = min(day.end, time).addingTimeInterval(-Double(graceMilliseconds) / 1000)
        do throws(MoneyError) {
            return try ReconciliationMatcher.match(
                rows: rows, ledger: Self.relevant(open, to: rows, day: day), expectedBefore: cutOff)
        } catch {
            throw .fileInvalid(path: "\(day)", detail: "its totals do not fit 64 bits")
        }
    }

    /// Items booked after the day belong to it only when its file has a row for them; all others wait for their own.
    private static func relevant(
        _ items: [LedgerSettlementItem], to rows: [SettlementRow], day: SettlementDay
    ) -> [LedgerSettlementItem] {
        let known = Set(
            rows.flatMap { [$0.chargeID?.rawValue, $0.refundID?.rawValue, $0.paymentIntentID, $0.sourceID] }
                .compactMap { $0?.lowercased() })
        return items.filter { item in
            item.occurredAt < day.end || known.contains(item.chargeID.rawValue.lowercased())
                || item.providerReference.map { known.contains($0.lowercased()) } ?? false
        }
    }

    private func store(
        _ report: ReconciliationReport, key: String, day: SettlementDay
    ) async throws(ReconciliationError) {
        let json: Data
        do throws(EventCodingError) {
            json = try report.json()
        } catch {
            throw .notPublished("\(error)")
        }
        let csvKey = "reconciliation/\(day)/\(provider.rawValue).csv"
        try await reports.store(Data(report.csv().utf8), key: csvKey, contentType: "text/csv; charset=utf-8")
        // Last, because the summary names it: when it is there, the run is complete.
        try await reports.store(json, key: key, contentType: "application/json")
    }
}
