import Domain
import Testing

@Suite struct RefundFlowTests {
    @Test("a partial refund reserves, then settles")
    func partialRefund() throws {
        var stream = try Sample.stream(.succeeded)
        #expect(try stream.run(Sample.initiateRefund(4000)) == ["RefundInitiated"])
        var charge = try #require(stream.charge)
        #expect((charge.refundedMinor, charge.refundReservedMinor) == (0, 4000))
        #expect(charge.refundable == (try Sample.money(6000)))
        let request = try #require(charge.gatewayRequest(for: Sample.refundID))
        #expect(request.idempotencyKey == "ch_1:refund:re_1")
        #expect(request.providerReference == "pi_1")
        #expect(request.amount == (try Sample.money(4000)))

        let done = try Sample.captured(4000, reference: Sample.refundReference)
        #expect(try stream.run(Sample.refund(done)) == ["RefundSucceeded"])
        charge = try #require(stream.charge)
        #expect((charge.refundedMinor, charge.refundReservedMinor) == (4000, 0))
        #expect(charge.refund(Sample.refundID)?.status == .succeeded)
        #expect(charge.refund(Sample.refundID)?.providerReference == Sample.refundReference)
        #expect(charge.gatewayRequest(for: Sample.refundID) == nil)
        #expect(try stream.run(Sample.refund(done, by: .webhook)) == [])
    }

    @Test("every status and every outcome of a refund")
    func outcomes() throws {
        let table = """
            status     executed          action        pending       declined          canceled          refused      unknown
            PENDING    RefundSucceeded   RefundPending RefundPending RefundFailed      RefundFailed      RefundFailed RefundOutcomeUnknown
            SUCCEEDED  -                 -             -             ChargeQuarantined ChargeQuarantined -            -
            FAILED     ChargeQuarantined -             -             -                 -                 -            -
            UNKNOWN    RefundSucceeded   RefundPending RefundPending RefundFailed      RefundFailed      -            -
            """
        let executed = try Sample.captured(4000, reference: "pi_1")
        let columns: [(String, GatewayOutcome)] = [
            ("executed", executed), ("action", Sample.requiresAction), ("pending", Sample.pending),
            ("declined", Sample.declined), ("canceled", Sample.canceled), ("refused", Sample.requestRefused),
            ("unknown", Sample.unknown),
        ]
        let actual = try Table(rows: RefundStatus.allCases.map(\.rawValue), columns: columns.map(\.0)) { row, column in
            var stream = try Sample.stream(.succeeded)
            try stream.run(Sample.initiateRefund(4000))
            switch RefundStatus.allCases[row] {
            case .pending: break
            case .succeeded: try stream.run(Sample.refund(executed))
            case .failed: try stream.run(Sample.refund(Sample.declined))
            case .unknown: try stream.run(Sample.refund(Sample.unknown))
            }
            let names = try stream.run(Sample.refund(columns[column].1, by: .webhook))
            return names.isEmpty ? nil : names.joined(separator: "+")
        }
        #expect(actual == Table(table))
    }

    @Test("a refund without an amount takes everything that is left")
    func remainder() throws {
        var stream = try Sample.stream(.succeeded)
        try stream.run(Sample.initiateRefund(4000))
        try stream.run(Sample.initiateRefund(nil, RefundID(rawValue: "re_2")))
        #expect(stream.charge?.refund(RefundID(rawValue: "re_2"))?.amount == (try Sample.money(6000)))
        #expect(stream.charge?.refunds.map(\.id.rawValue) == ["re_1", "re_2"])
        #expect(throws: (try exceeds(requested: 10_000, remaining: 0))) {
            try stream.run(Sample.initiateRefund(nil, RefundID(rawValue: "re_3")))
        }
    }

    @Test("D-10: open refunds count: together they never exceed what was captured")
    func exceedsRemaining() throws {
        var stream = try Sample.stream(.succeeded)
        try stream.run(Sample.initiateRefund(6000))
        #expect(throws: (try exceeds(requested: 6000, remaining: 4000))) {
            try stream.run(Sample.initiateRefund(6000, RefundID(rawValue: "re_2")))
        }
    }

    @Test("D-10: of two refunds decided on the same state only one fits into the stream")
    func concurrentRefunds() throws {
        var stream = try Sample.stream(.succeeded)
        let seen = stream.charge
        let second = try ChargeRules.decide(seen, Sample.initiateRefund(6000, RefundID(rawValue: "re_2")))
        let late = EventEnvelope.envelopes(
            for: second, after: try #require(seen).version, context: Stream.context, ids: CountingIDs())
        try stream.run(Sample.initiateRefund(6000))
        #expect(throws: DomainError.self) { try ChargeRules.apply(stream.charge, late[0]) }
        // Even with a version that fits, the state refuses to hold both.
        #expect(throws: DomainError.self) { try stream.append(second) }
    }

    @Test("D-02: an unknown refund keeps its amount reserved until the outcome is definitive")
    func unknownKeepsReserved() throws {
        var stream = try Sample.stream(.succeeded)
        try stream.run(Sample.initiateRefund(6000))
        let first = stream.charge?.gatewayRequest(for: Sample.refundID)
        #expect(try stream.run(Sample.refund(Sample.unknown)) == ["RefundOutcomeUnknown"])
        #expect(stream.charge?.refundReservedMinor == 6000)
        #expect(stream.charge?.gatewayRequest(for: Sample.refundID) == first)
        #expect(throws: DomainError.self) {
            try stream.run(Sample.initiateRefund(6000, RefundID(rawValue: "re_2")))
        }
        #expect(try stream.run(Sample.refund(Sample.declined)) == ["RefundFailed"])
        #expect(stream.charge?.refundReservedMinor == 0)
        #expect(stream.charge?.refund(Sample.refundID)?.failure?.reason == "card_declined")
        #expect(try stream.run(Sample.initiateRefund(6000, RefundID(rawValue: "re_2"))) == ["RefundInitiated"])
    }

    @Test("D-02: a repetition that was turned away does not release the reservation of a refund without an outcome")
    func refusedRepetitionKeepsReserved() throws {
        var stream = try Sample.stream(.succeeded)
        try stream.run(Sample.initiateRefund(6000))
        try stream.run(Sample.refund(Sample.unknown))
        let request = stream.charge?.gatewayRequest(for: Sample.refundID)
        #expect(try stream.run(Sample.refund(Sample.requestRefused)) == [])
        let charge = try #require(stream.charge)
        #expect(charge.refund(Sample.refundID)?.status == .unknown)
        #expect(charge.refundReservedMinor == 6000)
        #expect(charge.gatewayRequest(for: Sample.refundID) == request)
        let executed = try Sample.captured(6000, reference: Sample.refundReference)
        #expect(try stream.run(Sample.refund(executed, by: .webhook)) == ["RefundSucceeded"])
    }

    @Test("D-02: a refund that the provider has confirmed is not undone by a request that was turned away")
    func refusedRepetitionAfterPending() throws {
        var stream = try Sample.stream(.succeeded)
        try stream.run(Sample.initiateRefund(6000))
        try stream.run(Sample.refund(.pending(reference: Sample.refundReference), by: .webhook))
        #expect(try stream.run(Sample.refund(Sample.requestRefused)) == [])
        #expect(stream.charge?.refundReservedMinor == 6000)
    }

    @Test("a quarantined charge takes no new refund; one that was accepted before is still the same refund")
    func quarantined() throws {
        var stream = try Sample.stream(.succeeded)
        try stream.run(Sample.initiateRefund(4000))
        try stream.run(Sample.charge(Sample.captured(reference: "pi_2"), by: .webhook))
        #expect(stream.charge?.quarantined == true)
        #expect(throws: DomainError.chargeQuarantined) {
            try stream.run(Sample.initiateRefund(1, RefundID(rawValue: "re_2")))
        }
        #expect(try stream.run(Sample.initiateRefund(4000)) == [])
        #expect(DomainError.chargeQuarantined.code == "charge_quarantined")
        #expect(DomainError.chargeQuarantined.message.contains("people have to look"))
    }

    @Test("a repeated request is the same refund; the same id for another amount is a conflict")
    func repeated() throws {
        var stream = try Sample.stream(.succeeded)
        try stream.run(Sample.initiateRefund(4000))
        #expect(try stream.run(Sample.initiateRefund(4000)) == [])
        #expect(try stream.run(Sample.initiateRefund(nil)) == [])
        #expect(throws: DomainError.refundConflict(Sample.refundID)) { try stream.run(Sample.initiateRefund(4001)) }
    }

    @Test("a refund of nothing, of less, or in another currency is refused")
    func invalidAmounts() throws {
        var stream = try Sample.stream(.succeeded)
        for amountMinor: Int64 in [0, -1, .min] {
            #expect(throws: DomainError.amountNotPositive(try Sample.money(amountMinor))) {
                try stream.run(Sample.initiateRefund(amountMinor))
            }
        }
        let dollars = try Sample.money(1, "USD")
        let expected = DomainError.currencyMismatch(expected: try Currency("EUR"), received: dollars.currency)
        #expect(throws: expected) {
            try stream.run(.initiateRefund(InitiateRefund(refundID: Sample.refundID, amount: dollars)))
        }
    }

    @Test("D-23: a refund of another amount than asked for is quarantined and stays reserved")
    func amountMismatch() throws {
        var stream = try Sample.stream(.succeeded)
        try stream.run(Sample.initiateRefund(4000))
        let wrong = try Sample.captured(4001, reference: Sample.refundReference)
        #expect(try stream.run(Sample.refund(wrong)) == ["ChargeQuarantined"])
        #expect(try stream.run(Sample.refund(wrong, by: .webhook)) == [])
        let charge = try #require(stream.charge)
        #expect(charge.quarantines.map(\.refundID) == [Sample.refundID])
        #expect((charge.refundedMinor, charge.refundReservedMinor) == (0, 4000))
        #expect(charge.gatewayRequest(for: Sample.refundID) == nil)
    }

    private func exceeds(requested: Int64, remaining: Int64) throws -> DomainError {
        .refundExceedsRemaining(requested: try Sample.money(requested), remaining: try Sample.money(remaining))
    }
}
