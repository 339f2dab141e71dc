import Domain
import FoundationEssentials
import FunctionsShared
import FunctionsTestSupport
import Testing

@testable import PaymentService

@Suite("POST /v1/refunds")
struct RefundCreationTests {
    private let world = APIWorld()
    private let id = ChargeID(rawValue: "ch_paid")

    private func pay(_ amountMinor: Int64 = 1000) async throws {
        try await Fixture.succeed(id, amountMinor: amountMinor, in: world.store())
    }

    @Test("a partial refund reserves its amount, is enqueued for its charge, and answered with 202")
    func partial() async throws {
        try await pay()
        let reply = try await world.send(
            "POST", "/v1/refunds", #"{"charge_id":"ch_paid","amount":300,"reason":"duplicate"}"#, key: "r")
        #expect(reply.status == 202)
        let refundID = RefundID(rawValue: try #require(reply.id))
        #expect(
            reply.body == [
                "id": .string(refundID.rawValue), "object": "refund", "charge_id": "ch_paid", "status": "PENDING",
                "amount": 300, "currency": "EUR", "reason": "duplicate", "created_at": "2026-03-01T12:00:00.000Z",
            ])
        #expect(try world.events.charge(id)?.refundReservedMinor == 300)
        #expect(world.queue.jobs.map(\.refundID) == [refundID])
        #expect(world.queue.jobs.map(\.kind) == [.refund])
    }

    @Test("without an amount everything that is left goes back")
    func full() async throws {
        try await pay()
        _ = try await world.refund(id, 300, key: "a")
        let rest = try await world.refund(id, nil, key: "b")
        #expect(rest.body["amount"] == 700)
        #expect(try await world.refund(id, nil, key: "c").errorCode == "refund_exceeds_remaining")
    }

    @Test("more than was captured is refused, and the refusal is repeated for its key")
    func tooMuch() async throws {
        try await pay()
        let refused = try await world.refund(id, 1001, key: "r")
        #expect(refused.status == 422)
        #expect(refused.errorCode == "refund_exceeds_remaining")
        #expect(refused.body["error"]?["charge_id"]?.text == "ch_paid")
        let again = try await world.refund(id, 1001, key: "r")
        #expect(again.bytes == refused.bytes)
        #expect(again.headers["Idempotent-Replayed"] == "true")
        #expect(world.queue.sendCount == 0)
    }

    @Test("D-10: of forty concurrent refunds no more succeed than the captured amount allows")
    func concurrent() async throws {
        try await pay(1000)
        let service = world.service()
        let replies = try await withThrowingTaskGroup(of: Reply.self) { group in
            for index in 0..<40 {
                group.addTask { try await world.refund(id, 300, key: "r-\(index)", to: service) }
            }
            return try await group.reduce(into: [Reply]()) { $0.append($1) }
        }
        let accepted = replies.filter { $0.status == 202 }.count
        #expect(accepted <= 3)
        #expect(try world.events.charge(id)?.refundReservedMinor == Int64(accepted) * 300)
        #expect(world.queue.jobs.count == accepted)
        for reply in replies where reply.status != 202 {
            // A writer that lost too many races is told to come again; nothing of it stays.
            #expect(reply.errorCode == "refund_exceeds_remaining" || reply.status == 503)
        }
        // Whoever was told to come again does, and then all that fits is refunded.
        for index in 0..<40 { _ = try await world.refund(id, 300, key: "r-\(index)", to: service) }
        #expect(try world.events.charge(id)?.refundReservedMinor == 900)
    }

    @Test("a charge that is not paid, does not exist, or belongs to somebody else")
    func notRefundable() async throws {
        let fresh = ChargeID(rawValue: "ch_fresh")
        try await Fixture.initiate(fresh, in: world.store())
        let early = try await world.refund(fresh, 1, key: "a")
        #expect(early.status == 422)
        #expect(early.errorCode == "refund_not_allowed")
        let unknown = try await world.refund(ChargeID(rawValue: "ch_none"), 1, key: "b")
        #expect(unknown.status == 404)
        #expect(unknown.errorCode == "charge_not_found")
        try await pay()
        let foreign = try await world.send(
            "POST", "/v1/refunds", #"{"charge_id":"ch_paid"}"#, key: "c", apiKey: Fixture.otherAPIKey)
        #expect(foreign.status == 404)
        #expect(foreign.errorCode == "charge_not_found")
    }

    @Test("a quarantined charge is not refunded before people have looked at it")
    func quarantined() async throws {
        try await pay()
        let second = GatewayEvidence(reference: "pi_second", amount: try Fixture.euros(1000))
        try await Fixture.decide(
            .recordChargeOutcome(.succeeded(second), attempt: 1, evidence: .webhook), on: id, in: world.store())
        let reply = try await world.refund(id, 1, key: "r")
        #expect(reply.status == 422)
        #expect(reply.errorCode == "charge_quarantined")
        #expect(reply.body["error"]?["message"]?.text?.contains("people have to look") == true)
        #expect(world.queue.sendCount == 0)
    }

    @Test("a charge's currency is the refund's, also without decimals")
    func currency() async throws {
        try await pay(500)
        #expect(try await world.refund(id, 500, key: "a").body["currency"] == "EUR")
    }

    @Test("D-18: a crash at any step and the client's retry make one refund and one job")
    func crashAtEveryStep() async throws {
        for moment in ProcessFate.Moment.allCases {
            var step = 0
            while true {
                let world = APIWorld()
                try await Fixture.succeed(id, amountMinor: 1000, in: world.store())
                let fate = ProcessFate(crashAtStep: step, moment: moment)
                _ = try await world.refund(id, 600, key: "r", to: world.service(fate: fate))
                guard fate.hasCrashed else { break }
                world.clock.advance(seconds: APIWorld.leaseSeconds)
                let reply = try await world.refund(id, 600, key: "r")
                let place = "step \(step) (\(fate.steps.last ?? "")) \(moment)"
                #expect(reply.status == 202, "\(place)")
                let refundID = RefundID(rawValue: try #require(reply.id))
                #expect(try world.events.charge(id)?.refunds.map(\.id) == [refundID], "\(place)")
                #expect(world.queue.jobs.map(\.refundID) == [refundID], "\(place)")
                step += 1
            }
            #expect(step >= 7)
        }
    }
}
