import Domain
import Testing

@Suite struct PostingRulesTests {
    @Test("the postings of a charge with a refund that settles and one that is refused")
    func postings() throws {
        var stream = try Sample.stream(.succeeded)
        let second = RefundID(rawValue: "re_2")
        try stream.run(Sample.initiateRefund(4000))
        try stream.run(Sample.initiateRefund(6000, second))
        try stream.run(Sample.refund(Sample.captured(4000, reference: "re_s1")))
        try stream.run(Sample.refund(Sample.declined, second))
        let transactions = try stream.envelopes.compactMap { try PostingRules.transaction(for: $0) }
        let lines = transactions.map { transaction in
            let entries = transaction.entries.map { "\($0.account.name) \($0.amountMinor) \($0.currency)" }
            let names = [transaction.kind.rawValue, transaction.refundID?.rawValue ?? "-"]
            return (names + [transaction.providerReference ?? "-"] + entries).joined(separator: " | ")
        }
        #expect(
            lines == [
                "charge | - | pi_1 | psp_receivable:stripe 10000 EUR | merchant_payable:mer_1 -10000 EUR",
                "refund_reserved | re_1 | pi_1 | merchant_payable:mer_1 4000 EUR | refunds_in_flight -4000 EUR",
                "refund_reserved | re_2 | pi_1 | merchant_payable:mer_1 6000 EUR | refunds_in_flight -6000 EUR",
                "refund | re_1 | re_s1 | refunds_in_flight 4000 EUR | psp_receivable:stripe -4000 EUR",
                "refund_released | re_2 | pi_1 | refunds_in_flight 6000 EUR | merchant_payable:mer_1 -6000 EUR",
            ])
        #expect(transactions.allSatisfy { $0.isBalanced })
        #expect(Set(transactions.map(\.eventID)).count == transactions.count)
        #expect(transactions.allSatisfy { $0.chargeID == Stream.context.streamID && $0.provider == .stripe })
    }

    @Test("an authorisation is pending, a quarantine is open: neither is posted")
    func notPosted() throws {
        var held = try Sample.stream(.authorized)
        try held.run(Sample.charge(Sample.captured(1)))
        #expect(held.charge?.quarantined == true)
        for envelope in held.envelopes {
            #expect(try PostingRules.transaction(for: envelope) == nil)
        }
    }

    @Test("an event that moves nothing, or money backwards, is refused", arguments: [0, -1, Int64.min])
    func notPositive(amountMinor: Int64) throws {
        let money = try Sample.money(amountMinor)
        let event = ChargeSucceeded(
            attempt: 1, provider: .stripe, providerReference: "pi_1", captured: money, evidence: .response)
        let envelopes = EventEnvelope.envelopes(
            for: [.chargeSucceeded(event)], after: 0, context: Stream.context, ids: CountingIDs())
        #expect(throws: DomainError.amountNotPositive(money)) { try PostingRules.transaction(for: envelopes[0]) }
    }
}
