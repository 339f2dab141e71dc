import Domain
import Foundation
import FunctionsShared
import LambdaCodable
import LambdaEvents
import LambdaRuntime
import PostgresClient
import Synchronization
import Telemetry
import TestSupport

@testable import Reconciliation

/// A LedgerDB of its own, and the handler over places that can be looked into.
struct ReconciliationSetup {
    let owner: PostgresConnection
    let places = Places()
    private let account: PostgresAccount
    private let login: Login
    private let connection: PostgresConnection

    /// The function's login as its secret holds it.
    private final class Login: Sendable {
        let parameters: Mutex<PostgresParameters>

        init(_ parameters: PostgresParameters) { self.parameters = Mutex(parameters) }
    }

    init() throws {
        account = try PostgresAccount(.ledger, role: "ledger_reconciler")
        owner = try PostgresConnection(parameters: account.owner)
        let login = Login(account.parameters)
        self.login = login
        connection = try PostgresConnection(
            parameters: account.parameters, renewedBy: { login.parameters.withLock { $0 } })
    }

    /// Changes the password of the function's account, in the database and in the secret.
    func rotatePassword() throws {
        let rotated = try account.rotatePassword()
        login.parameters.withLock { $0 = rotated }
    }

    /// The handler, by default over files that were put into `places`.
    func handler(files: (any SettlementFileSource)? = nil) -> ReconciliationHandler {
        ReconciliationHandler(
            files: files ?? places, ledger: LedgerReadStore(connection: connection),
            records: SettlementRecords(connection: connection), reports: places, alerts: places)
    }

    /// Runs the handler as its schedule does, at two in the night of the day after.
    func run(_ day: String, files: (any SettlementFileSource)? = nil) async throws -> ReconciliationSummary {
        try await handler(files: files).handle(
            Self.event(time: "2027-01-01T02:00:00Z", date: day),
            context: LambdaContext(requestID: "r", logger: Logger(minimumLevel: .error, sink: { _ in })))
    }

    static func event(time: String, date: String?) -> EventBridgeEvent<ReconciliationDetail> {
        EventBridgeEvent(
            id: "e", detailType: "Scheduled Event", source: "aws.events", account: "000000000000", time: time,
            region: "eu-central-1", resources: [], detail: ReconciliationDetail(date: date))
    }

    /// Books a charge as the Ledger function does.
    func bookCharge(_ name: String, _ amountMinor: Int64, at time: String) throws {
        try book(
            event: "evt_\(name)", stream: "ch_\(name)", version: 4, kind: "charge", refund: nil,
            reference: "pi_\(name)", receivable: amountMinor, counterpart: "merchant_payable:mer_1", time)
    }

    /// Books a refund of such a charge.
    func bookRefund(_ name: String, of charge: String, _ amountMinor: Int64, at time: String) throws {
        try book(
            event: "evt_\(name)", stream: "ch_\(charge)", version: 6, kind: "refund", refund: "re_\(name)",
            reference: "pyr_\(name)", receivable: -amountMinor, counterpart: "refunds_in_flight", time)
    }

    private func book(
        event: String, stream: String, version: Int64, kind: String, refund: String?, reference: String,
        receivable: Int64, counterpart: String, _ time: String
    ) throws {
        try owner.transaction { session throws(PostgresError) in
            try session.query(
                "INSERT INTO accounts VALUES ('psp_receivable:stripe'), ($1) ON CONFLICT DO NOTHING",
                [.text(counterpart)])
            try session.query(
                """
                INSERT INTO transactions (event_id, stream_id, stream_version, merchant_id, kind, refund_id, provider,
                    provider_reference, entry_count, occurred_at)
                VALUES ($1, $2, $3, 'mer_1', $4, $5, 'stripe', $6, 2, $7)
                """,
                [
                    .text(event), .text(stream), .integer(version), .text(kind), refund.map { .text($0) },
                    .text(reference), .text(time),
                ])
            try session.query(
                """
                INSERT INTO entries VALUES ($1, 1, 'psp_receivable:stripe', $2, 'EUR', $4),
                    ($1, 2, $3, -$2::bigint, 'EUR', $4)
                """, [.text(event), .integer(receivable), .text(counterpart), .text(time)])
        }
    }
}

/// In memory: the provider's files, the bucket and the topic.
final class Places: SettlementFileSource, ReportStore, AlertTopic {
    struct Alert: Equatable {
        let subject: String
        let message: String
    }

    private struct State {
        var files: [String: Data] = [:]
        var documents: [String: Data] = [:]
        var alerts: [Alert] = []
        var beforeStore: (@Sendable () throws -> Void)?
    }

    private let state = Mutex(State())

    var documents: [String: Data] { state.withLock { $0.documents } }
    var alerts: [Alert] { state.withLock { $0.alerts } }

    func put(_ text: String, day: String) {
        state.withLock { $0.files["stripe_\(day).csv"] = Data(text.utf8) }
    }

    /// Does something in the middle of a run, each time before a document is stored.
    func beforeStore(_ action: @escaping @Sendable () throws -> Void) {
        state.withLock { $0.beforeStore = action }
    }

    func file(named name: String) async throws(ReconciliationError) -> Data {
        guard let file = state.withLock({ $0.files[name] }) else { throw .fileMissing(path: name) }
        return file
    }

    func store(_ document: Data, key: String, contentType: String) async throws(ReconciliationError) {
        do { try state.withLock({ $0.beforeStore })?() } catch { throw .notPublished("\(error)") }
        state.withLock { $0.documents[key] = document }
    }

    func publish(subject: String, message: String) async throws(ReconciliationError) {
        state.withLock { $0.alerts.append(Alert(subject: subject, message: message)) }
    }
}

/// Settlement files as Stripe writes them.
enum SettlementFile {
    static let header =
        "balance_transaction_id,created,available_on,currency,gross,fee,net,reporting_category,source_id,"
        + "payment_intent_id,charge_id,automatic_payout_id,description,payment_metadata[charge_id],"
        + "refund_metadata[refund_id]"

    static func text(_ rows: [String]) -> String { ([header] + rows).map { $0 + "\n" }.joined() }

    static func charge(_ name: String, _ gross: String, fee: String = "0.00", net: String? = nil, at time: String)
        -> String
    {
        "txn_\(name),\(time),\(time),eur,\(gross),\(fee),\(net ?? gross),charge,py_\(name),pi_\(name),py_\(name),,,ch_\(name),"
    }

    static func refund(_ name: String, of charge: String, _ gross: String, at time: String) -> String {
        "txn_\(name),\(time),\(time),eur,-\(gross),0.00,-\(gross),refund,pyr_\(name),pi_\(charge),py_\(charge),,,"
            + "ch_\(charge),re_\(name)"
    }
}
