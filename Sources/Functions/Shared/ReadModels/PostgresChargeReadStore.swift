import Domain
import FoundationEssentials
import PostgresClient

/// Reads charges and refunds from PaymentDB.
public struct PostgresChargeReadStore: ChargeReadStore {
    private let connection: PostgresConnection

    /// A store on a connection to PaymentDB. One that connects on first use lets the API answer from the journal while
    /// the database is away.
    public init(connection: PostgresConnection) {
        self.connection = connection
    }

    public func charge(id: ChargeID, merchantID: MerchantID) async throws(ReadStoreError) -> ChargeView? {
        try await reading("charge \(id)") { () throws(PostgresError) in
            // One snapshot: charge, refunds and timeline must be of the same version.
            try connection.transaction(.snapshot) { session throws(PostgresError) in
                let key: [PostgresValue?] = [.text(id.rawValue), .text(merchantID.rawValue)]
                guard let row = try session.query(Self.selectCharge, key).first else { return nil }
                return try ChargeView(
                    row, refunds: session.query(Self.selectRefundsOfCharge, [key[0]]),
                    timeline: session.query(Self.selectTimeline, [key[0]]))
            }
        }
    }

    public func refund(id: RefundID, merchantID: MerchantID) async throws(ReadStoreError) -> RefundView? {
        try await reading("refund \(id)") { () throws(PostgresError) in
            guard
                let row = try connection.query(
                    Self.selectRefund, [.text(id.rawValue), .text(merchantID.rawValue)]
                ).first
            else { return nil }
            return try RefundView(row)
        }
    }

    private func reading<Value: Sendable>(
        _ subject: String, _ body: () throws(PostgresError) -> Value
    ) async throws(ReadStoreError) -> Value {
        do throws(PostgresError) {
            return try await connection.renewingParameters(body)
        } catch {
            if case .unexpectedResult(let detail) = error { throw .corrupt("\(subject): \(detail)") }
            throw .unavailable("\(error)")
        }
    }

    private static let selectCharge = """
        SELECT charge_id, merchant_id, version, status, amount_minor, currency, captured_minor, refunded_minor,
            payment_method, capture_mode, description, metadata, failure_reason, failure_decline_code,
            failure_message, created_at
        FROM charges WHERE charge_id = $1 AND merchant_id = $2
        """

    private static let refundColumns =
        "refund_id, charge_id, merchant_id, status, amount_minor, currency, reason, created_at"

    private static let selectRefund = "SELECT \(refundColumns) FROM refunds WHERE refund_id = $1 AND merchant_id = $2"

    private static let selectRefundsOfCharge =
        "SELECT \(refundColumns) FROM refunds WHERE charge_id = $1 ORDER BY ordinal"

    private static let selectTimeline =
        "SELECT version, type, occurred_at FROM charge_events WHERE charge_id = $1 ORDER BY version"
}

extension ChargeView {
    fileprivate init(
        _ row: PostgresRow, refunds: PostgresRows, timeline: PostgresRows
    ) throws(PostgresError) {
        var refundViews: [RefundView] = []
        for refund in refunds.rows { refundViews.append(try RefundView(refund)) }
        var entries: [TimelineEntry] = []
        for entry in timeline.rows {
            entries.append(
                TimelineEntry(
                    version: Int(try entry.integer("version")), type: try entry.text("type"),
                    occurredAt: try entry.timestamp("occurred_at")))
        }
        let metadata = Data(try row.text("metadata").utf8)
        guard let pairs = try? JSONDecoder().decode([String: String].self, from: metadata) else {
            throw .unexpectedResult("metadata is not a map of texts")
        }
        self.init(
            id: ChargeID(rawValue: try row.text("charge_id")),
            merchantID: MerchantID(rawValue: try row.text("merchant_id")), version: Int(try row.integer("version")),
            status: try row.value("status"), amount: try row.money(), capturedMinor: try row.integer("captured_minor"),
            refundedMinor: try row.integer("refunded_minor"), paymentMethod: try row.text("payment_method"),
            captureMode: try row.value("capture_mode"), description: try row.optionalText("description"),
            metadata: pairs, failure: try Failure(row), createdAt: try row.timestamp("created_at"),
            refunds: refundViews, timeline: entries)
    }
}

extension ChargeView.Failure {
    fileprivate init?(_ row: PostgresRow) throws(PostgresError) {
        guard let reason = try row.optionalText("failure_reason") else { return nil }
        self.init(
            reason: reason, declineCode: try row.optionalText("failure_decline_code"),
            message: try row.text("failure_message"))
    }
}

extension RefundView {
    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        self.init(
            id: RefundID(rawValue: try row.text("refund_id")), chargeID: ChargeID(rawValue: try row.text("charge_id")),
            merchantID: MerchantID(rawValue: try row.text("merchant_id")), status: try row.value("status"),
            amount: try row.money(), reason: try row.optionalText("reason"),
            createdAt: try row.timestamp("created_at"))
    }
}
