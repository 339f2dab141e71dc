import Domain
import FunctionsShared
import PostgresClient
import StreamTestSupport
import TestSupport
import Testing

@testable import Projectionist

@Suite("Reading charges and refunds")
struct ChargeReadStoreTests {
    private func makeStore() async throws -> (store: PostgresChargeReadStore, setup: ProjectionSetup) {
        let setup = try ProjectionSetup()
        for name in ["a", "b"] {
            let events = try ChargeStory.refundedCharge(name, description: "order \(name)")
            _ = try await setup.consumer.consume(StreamDelivery.batch(events), logger: setup.logger)
        }
        return (PostgresChargeReadStore(connection: setup.connection), setup)
    }

    private let charge = ChargeID(rawValue: "ch_a")
    private let refund = RefundID(rawValue: "re_a")
    private let merchant = MerchantID(rawValue: "mer_a")

    @Test("a charge comes with its refunds and its timeline")
    func chargeView() async throws {
        let (store, _) = try await makeStore()
        let view = try #require(try await store.charge(id: charge, merchantID: merchant))
        #expect(view.status == .succeeded)
        #expect(view.capturedMinor == 1999)
        #expect(view.refundedMinor == 500)
        #expect(view.description == "order a")
        #expect(view.refunds.map(\.id) == [refund])
        #expect(view.refunds.first?.status == .succeeded)
        #expect(
            view.timeline.map(\.type) == [
                "ChargeInitiated", "RiskAssessed", "ChargeProcessingStarted", "ChargeSucceeded", "RefundInitiated",
                "RefundSucceeded",
            ])
    }

    @Test("a refund is found by its own id")
    func refundView() async throws {
        let (store, _) = try await makeStore()
        let view = try #require(try await store.refund(id: refund, merchantID: merchant))
        #expect(view.chargeID == charge)
        #expect(view.amount.amountMinor == 500)
        #expect(view.reason == "requested_by_customer")
    }

    @Test("what belongs to another merchant is not there")
    func otherMerchant() async throws {
        let (store, _) = try await makeStore()
        let other = MerchantID(rawValue: "mer_b")
        #expect(try await store.charge(id: charge, merchantID: other) == nil)
        #expect(try await store.refund(id: refund, merchantID: other) == nil)
        #expect(try await store.charge(id: ChargeID(rawValue: "ch_none"), merchantID: merchant) == nil)
    }

    @Test("a row that this build cannot read is an error, not a guess")
    func corruptRow() async throws {
        let (store, setup) = try await makeStore()
        try setup.connection.execute("UPDATE charges SET status = 'LEVITATING' WHERE charge_id = 'ch_a'")
        await #expect(throws: ReadStoreError.corrupt("charge ch_a: unknown status LEVITATING")) {
            try await store.charge(id: charge, merchantID: merchant)
        }
    }

    @Test("a database that is away is told apart from a charge that is not there")
    func unavailable() async throws {
        var parameters = try PostgresFixture.database()
        parameters.port = 1
        let store = PostgresChargeReadStore(connection: PostgresConnection(connectingOnFirstUse: parameters))
        await #expect {
            try await store.charge(id: charge, merchantID: merchant)
        } throws: { error in
            if case .unavailable? = error as? ReadStoreError { true } else { false }
        }
    }

    @Test(
        "lists and searches are answered by an index",
        arguments: [
            "SELECT charge_id FROM charges WHERE merchant_id = 'm' ORDER BY created_at DESC, charge_id DESC LIMIT 20",
            """
            SELECT charge_id FROM charges WHERE merchant_id = 'm' AND status = 'FAILED'
            ORDER BY created_at DESC, charge_id DESC LIMIT 20
            """,
            "SELECT charge_id FROM charges WHERE provider = 'stripe' AND provider_reference = 'pi_1'",
            "SELECT charge_id FROM charges WHERE merchant_id = 'm' AND lower(customer_email) = 'a@b.c'",
        ])
    func indexes(_ query: String) throws {
        let connection = try PostgresFixture.connection(.payment)
        let plan = try connection.transaction { session throws(PostgresError) in
            try session.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
            return try session.query("EXPLAIN " + query)
        }
        let lines = try plan.rows.map { try $0.text("QUERY PLAN") }
        #expect(lines.contains { $0.contains("Index") })
        #expect(!lines.contains { $0.contains("Sort") || $0.contains("Seq Scan") })
    }
}
