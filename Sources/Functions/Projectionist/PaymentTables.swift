import Domain
import FoundationEssentials
import PostgresClient

/// The statements that write PaymentDB: one per table and batch, arrays as columns, and never an older state over a
/// newer one.
enum PaymentTables {
    static func insert(_ events: [ChargeEventRow], _ session: PostgresSession) throws(PostgresError) {
        guard !events.isEmpty else { return }
        try session.query(
            """
            INSERT INTO charge_events (charge_id, version, event_id, type, occurred_at, envelope)
            SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::timestamptz[], $6::json[])
            ON CONFLICT (charge_id, version) DO NOTHING
            """,
            [
                .textArray(events.map(\.envelope.streamID.rawValue)),
                .integerArray(events.map { Int64($0.envelope.version) }),
                .textArray(events.map(\.envelope.eventID.rawValue)), .textArray(events.map(\.envelope.type)),
                .timestampArray(events.map(\.envelope.occurredAt)), .textArray(events.map(\.text)),
            ])
    }

    static func upsert(
        _ charges: [Charge], updatedAt: [ChargeID: Date], _ session: PostgresSession
    ) throws(PostgresError) {
        guard !charges.isEmpty else { return }
        try session.query(
            upsertCharges,
            [
                .textArray(charges.map(\.id.rawValue)), .integerArray(charges.map { Int64($0.version) }),
                .textArray(charges.map(\.merchantID.rawValue)), .textArray(charges.map(\.status.rawValue)),
                .integerArray(charges.map(\.amount.amountMinor)), .textArray(charges.map(\.currency.code)),
                .textArray(charges.map(\.captureMode.rawValue)), .textArray(charges.map(\.paymentMethod)),
                .textArray(charges.map(\.description)), .textArray(charges.map { json($0.metadata) }),
                .textArray(charges.map(\.customerEmail)), .textArray(charges.map { $0.provider?.rawValue }),
                .textArray(charges.map(\.providerReference)), .integerArray(charges.map { Int64($0.attempt) }),
                .integerArray(charges.map(\.authorizedMinor)), .integerArray(charges.map(\.capturedMinor)),
                .integerArray(charges.map(\.refundedMinor)), .integerArray(charges.map(\.refundReservedMinor)),
                .textArray(charges.map { $0.risk?.decision.rawValue }),
                .integerArray(charges.map { $0.risk.map { Int64($0.score) } }),
                .textArray(charges.map { $0.failure?.reason }), .textArray(charges.map { $0.failure?.declineCode }),
                .textArray(charges.map { $0.failure?.message }), .booleanArray(charges.map(\.quarantined)),
                .timestampArray(charges.map(\.initiatedAt)), .timestampArray(charges.map { updatedAt[$0.id] }),
            ])
    }

    static func upsertRefunds(of charges: [Charge], _ session: PostgresSession) throws(PostgresError) {
        let rows = charges.flatMap { charge in
            charge.refunds.enumerated().map { (charge: charge, ordinal: Int64($0.offset + 1), refund: $0.element) }
        }
        guard !rows.isEmpty else { return }
        try session.query(
            upsertRefunds,
            [
                .textArray(rows.map(\.refund.id.rawValue)), .textArray(rows.map(\.charge.id.rawValue)),
                .integerArray(rows.map { Int64($0.charge.version) }), .integerArray(rows.map(\.ordinal)),
                .textArray(rows.map(\.charge.merchantID.rawValue)), .textArray(rows.map(\.refund.status.rawValue)),
                .integerArray(rows.map(\.refund.amount.amountMinor)),
                .textArray(rows.map(\.refund.amount.currency.code)), .textArray(rows.map(\.refund.reason)),
                .textArray(rows.map(\.refund.providerReference)), .textArray(rows.map { $0.refund.failure?.reason }),
                .textArray(rows.map { $0.refund.failure?.message }), .timestampArray(rows.map(\.refund.initiatedAt)),
            ])
    }

    /// Sorted keys: equal metadata give equal text.
    private static func json(_ metadata: [String: String]) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // A dictionary of texts always encodes.
        let data = (try? encoder.encode(metadata)) ?? Data("{}".utf8)
        return String(decoding: data, as: UTF8.self)
    }

    private static let upsertCharges = """
        INSERT INTO charges (
            charge_id, version, merchant_id, status, amount_minor, currency, capture_mode, payment_method,
            description, metadata, customer_email, provider, provider_reference, attempt, authorized_minor,
            captured_minor, refunded_minor, refund_reserved_minor, risk_decision, risk_score, failure_reason,
            failure_decline_code, failure_message, is_quarantined, created_at, updated_at)
        SELECT * FROM unnest(
            $1::text[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[],
            $9::text[], $10::json[], $11::text[], $12::text[], $13::text[], $14::integer[], $15::bigint[],
            $16::bigint[], $17::bigint[], $18::bigint[], $19::text[], $20::integer[], $21::text[],
            $22::text[], $23::text[], $24::boolean[], $25::timestamptz[], $26::timestamptz[])
        ON CONFLICT (charge_id) DO UPDATE SET
            version = excluded.version, status = excluded.status, provider = excluded.provider,
            provider_reference = excluded.provider_reference, attempt = excluded.attempt,
            authorized_minor = excluded.authorized_minor, captured_minor = excluded.captured_minor,
            refunded_minor = excluded.refunded_minor, refund_reserved_minor = excluded.refund_reserved_minor,
            risk_decision = excluded.risk_decision, risk_score = excluded.risk_score,
            failure_reason = excluded.failure_reason, failure_decline_code = excluded.failure_decline_code,
            failure_message = excluded.failure_message, is_quarantined = excluded.is_quarantined,
            updated_at = excluded.updated_at
        WHERE charges.version < excluded.version
        """

    private static let upsertRefunds = """
        INSERT INTO refunds (
            refund_id, charge_id, version, ordinal, merchant_id, status, amount_minor, currency, reason,
            provider_reference, failure_reason, failure_message, created_at)
        SELECT * FROM unnest(
            $1::text[], $2::text[], $3::bigint[], $4::integer[], $5::text[], $6::text[], $7::bigint[], $8::text[],
            $9::text[], $10::text[], $11::text[], $12::text[], $13::timestamptz[])
        ON CONFLICT (refund_id) DO UPDATE SET
            version = excluded.version, status = excluded.status, provider_reference = excluded.provider_reference,
            failure_reason = excluded.failure_reason, failure_message = excluded.failure_message
        WHERE refunds.version < excluded.version
        """
}
