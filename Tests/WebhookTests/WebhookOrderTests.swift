import Domain
import FunctionsTestSupport
import Testing

@Suite("Webhooks in any order")
struct WebhookOrderTests {
    /// All orders of up to six events, each followed by a duplicate delivery of everything.
    @Test("D-04: every order of a successful charge's events, with duplicates, ends in the same state")
    func successPermutations() async throws {
        let events = [
            StripeEvent.intent("created", status: "requires_confirmation", id: "evt_1"),
            StripeEvent.intent("requires_action", status: "requires_action", id: "evt_2"),
            StripeEvent.intent("processing", status: "processing", id: "evt_3"),
            StripeEvent.intent("succeeded", status: "succeeded", id: "evt_4"),
            StripeEvent.refund("pending", id: "evt_5"),
            StripeEvent.refund("succeeded", id: "evt_6"),
        ]
        var states: Set<String> = []
        for order in Self.permutations(events) { states.insert(try await Self.finalState(order)) }
        #expect(states == ["SUCCEEDED captured 1999 refunded 500 reserved 0 quarantined false"])
    }

    @Test("D-04: every order of a declined charge's events ends in the same state")
    func failurePermutations() async throws {
        let events = [
            StripeEvent.intent("created", status: "requires_confirmation", id: "evt_1"),
            StripeEvent.intent("requires_action", status: "requires_action", id: "evt_2"),
            StripeEvent.intent("processing", status: "processing", id: "evt_3"),
            StripeEvent.failed,
        ]
        var states: Set<String> = []
        for order in Self.permutations(events) { states.insert(try await Self.finalState(order)) }
        #expect(states == ["FAILED captured 0 refunded 0 reserved 0 quarantined false"])
    }

    /// Delivers in the given order; what is sent back comes again after the others, as the PSP does it. The merchant
    /// asks for a refund as soon as the charge is paid.
    private static func finalState(_ order: [String]) async throws -> String {
        let world = WebhookWorld()
        try await world.begin("ch_1")
        var waiting = order + order
        for _ in 0..<4 where !waiting.isEmpty {
            var again: [String] = []
            for body in waiting {
                if try await world.deliver(body).statusCode != 200 { again.append(body) }
                try await refundWhenPaid(world)
            }
            waiting = again
        }
        #expect(waiting.isEmpty)
        let charge = try #require(try world.charge("ch_1"))
        return "\(charge.status.rawValue) captured \(charge.capturedMinor) refunded \(charge.refundedMinor) "
            + "reserved \(charge.refundReservedMinor) quarantined \(charge.quarantined)"
    }

    private static func refundWhenPaid(_ world: WebhookWorld) async throws {
        let id = ChargeID(rawValue: "ch_1")
        guard let charge = try world.charge("ch_1"), charge.status == .succeeded, charge.refunds.isEmpty else { return }
        try await Fixture.decide(
            .initiateRefund(InitiateRefund(refundID: RefundID(rawValue: "re_1"), amount: try Fixture.euros(500))),
            on: id, in: world.store())
    }

    private static func permutations(_ elements: [String]) -> [[String]] {
        guard elements.count > 1 else { return [elements] }
        return elements.indices.flatMap { index -> [[String]] in
            var rest = elements
            let first = rest.remove(at: index)
            return permutations(rest).map { [first] + $0 }
        }
    }
}
