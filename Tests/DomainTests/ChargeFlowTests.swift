import Domain
import Testing

@Suite struct ChargeFlowTests {
    @Test("a charge that succeeds")
    func success() throws {
        var stream = Stream()
        #expect(try stream.run(Sample.initiate()) == ["ChargeInitiated", "RiskAssessed"])
        #expect(try stream.run(.startProcessing(.stripe)) == ["ChargeProcessingStarted"])
        #expect(try stream.run(Sample.charge(Sample.captured())) == ["ChargeSucceeded"])
        let charge = try #require(stream.charge)
        #expect(charge.status == .succeeded)
        #expect(charge.version == 4)
        #expect(charge.amount == (try Sample.money(10_000)))
        #expect((charge.authorizedMinor, charge.capturedMinor) == (10_000, 10_000))
        #expect(charge.provider == .stripe)
        #expect(charge.providerReference == "pi_1")
        #expect(charge.merchantID == Stream.context.merchantID)
        #expect(charge.metadata == ["order": "7"])
        #expect(charge.customerEmail == "ada@example.com")
        #expect(charge.risk == Sample.approved)
        #expect(charge.failure == nil)
        #expect(!charge.quarantined)
    }

    @Test("a charge the risk engine refuses fails at once and is never put to a provider")
    func fraudRisk() throws {
        var stream = Stream()
        let risk = RiskAssessment(decision: .decline, score: 90, reasons: ["blocked-email"], engine: .evaluated)
        let names = try stream.run(Sample.initiate(risk: risk))
        #expect(names == ["ChargeInitiated", "RiskAssessed", "ChargeFailed"])
        let charge = try #require(stream.charge)
        #expect(charge.status == .failed)
        #expect(charge.failure?.reason == "fraud_risk")
        #expect(charge.attempt == 0)
        #expect(try stream.run(.startProcessing(.stripe)) == [])
        #expect(stream.charge?.gatewayRequest() == nil)
    }

    @Test("R7.4: a refusal because the engine is away is told as such; only an evaluation speaks of fraud")
    func riskUnavailable() throws {
        var stream = Stream()
        try stream.run(Sample.initiate(risk: .unavailable(policy: .failClosed)))
        let charge = try #require(stream.charge)
        #expect(charge.failure?.reason == "risk_unavailable")
        #expect(charge.failure?.message.contains("could not be assessed") == true)
        #expect(charge.refusalWithoutProvider == charge.failure)
    }

    @Test("a provider's refusal is the provider's, whatever its reason is called")
    func reasonOfTheSameName() throws {
        var stream = try Sample.stream(.processing)
        try stream.run(Sample.charge(.declined(GatewayDecline(reason: "fraud_risk", message: "No."))))
        #expect(stream.charge?.failure?.reason == "fraud_risk")
        #expect(stream.charge?.refusalWithoutProvider == nil)
    }

    @Test("a charge under review goes on")
    func review() throws {
        var stream = Stream()
        let risk = RiskAssessment(decision: .review, score: 50, reasons: ["large"], engine: .evaluated)
        #expect(try stream.run(Sample.initiate(risk: risk)) == ["ChargeInitiated", "RiskAssessed"])
        #expect(stream.charge?.status == .created)
    }

    @Test("a charge of nothing or less is refused", arguments: [0, -1, Int64.min])
    func amountNotPositive(amountMinor: Int64) throws {
        let money = try Sample.money(amountMinor)
        #expect(throws: DomainError.amountNotPositive(money)) {
            try ChargeRules.decide(nil, Sample.initiate(amountMinor: amountMinor))
        }
    }

    @Test("a manual charge is held, then taken")
    func manualCapture() throws {
        var stream = try Sample.stream(.processing)
        #expect(try stream.run(Sample.charge(Sample.held())) == ["ChargeAuthorized"])
        let held = try #require(stream.charge)
        #expect(held.status == .authorized)
        #expect((held.authorizedMinor, held.capturedMinor) == (10_000, 0))
        #expect(try stream.run(Sample.charge(Sample.captured(), by: .webhook)) == ["ChargeSucceeded"])
        #expect(stream.charge?.capturedMinor == 10_000)
    }

    @Test("D-01: every request of an attempt carries one key, a pure function of charge and attempt")
    func idempotencyKey() throws {
        var stream = try Sample.stream(.processing)
        let first = try #require(stream.charge?.gatewayRequest())
        #expect(first.idempotencyKey == "ch_1:charge:1")
        try stream.run(Sample.charge(Sample.unknown))
        #expect(stream.charge?.gatewayRequest() == first)
        let started = stream.envelopes.compactMap { envelope -> String? in
            guard case .chargeProcessingStarted(let event) = envelope.event else { return nil }
            return event.providerIdempotencyKey
        }
        #expect(started == ["ch_1:charge:1"])
    }

    @Test("D-02: after an unknown outcome the same attempt goes on, at the same provider, and may still succeed")
    func unknownThenSuccess() throws {
        var stream = try Sample.stream(.unknown)
        #expect(try stream.run(.startProcessing(.paypal)) == [])
        #expect(stream.charge?.attempt == 1)
        #expect(stream.charge?.provider == .stripe)
        #expect(try stream.run(Sample.charge(Sample.unknown)) == [])
        #expect(try stream.run(Sample.charge(Sample.captured(), by: .query)) == ["ChargeSucceeded"])
        #expect(stream.charge?.status == .succeeded)
    }

    @Test("D-02: a lost answer says nothing once the provider has confirmed the attempt")
    func unknownAfterPending() throws {
        var stream = try Sample.stream(.processing)
        #expect(try stream.run(Sample.charge(Sample.pending, by: .webhook)) == ["ChargePending"])
        #expect(try stream.run(Sample.charge(Sample.unknown)) == [])
        #expect(stream.charge?.status == .processing)
        #expect(stream.charge?.providerReference == "pi_1")
    }

    @Test("D-02: a repetition that was turned away says nothing about the first request, whose outcome is unknown")
    func refusedRepetition() throws {
        var stream = try Sample.stream(.unknown)
        let request = stream.charge?.gatewayRequest()
        #expect(try stream.run(Sample.charge(Sample.requestRefused)) == [])
        #expect(stream.charge?.status == .unknown)
        #expect(stream.charge?.gatewayRequest() == request)
        #expect(try stream.run(Sample.charge(Sample.captured(), by: .webhook)) == ["ChargeSucceeded"])
    }

    @Test("D-02: the provider's kept answer to the key is definitive, also after an unknown outcome")
    func declineAfterUnknown() throws {
        var stream = try Sample.stream(.unknown)
        #expect(try stream.run(Sample.charge(Sample.declined)) == ["ChargeFailed"])
    }

    @Test("D-02: an attempt that the provider has confirmed is not undone by a request that was turned away")
    func refusedRepetitionAfterPending() throws {
        var stream = try Sample.stream(.processing)
        try stream.run(Sample.charge(Sample.pending, by: .webhook))
        #expect(try stream.run(Sample.charge(Sample.requestRefused)) == [])
        #expect(stream.charge?.status == .processing)
    }

    @Test("a hold that the provider gives up is quarantined, once; an older refusal beside the hold is not")
    func canceledHold() throws {
        var stream = try Sample.stream(.authorized)
        #expect(try stream.run(Sample.charge(Sample.declined, by: .webhook)) == [])
        #expect(try stream.run(Sample.charge(Sample.canceled, by: .webhook)) == ["ChargeQuarantined"])
        #expect(try stream.run(Sample.charge(Sample.canceled, by: .webhook)) == [])
        #expect(stream.charge?.quarantines.map(\.reason) == [.holdCanceled])
        #expect(stream.charge?.status == .authorized)
    }

    @Test("D-03: the webhook may come before the response")
    func webhookBeforeResponse() throws {
        var stream = try Sample.stream(.processing)
        #expect(try stream.run(Sample.charge(Sample.captured(), by: .webhook)) == ["ChargeSucceeded"])
        #expect(try stream.run(Sample.charge(Sample.captured(), by: .response)) == [])
        #expect(try stream.run(Sample.charge(Sample.unknown, by: .response)) == [])
    }

    @Test("D-09: a declined attempt stays declined")
    func declined() throws {
        var stream = try Sample.stream(.failed)
        #expect(
            stream.charge?.failure
                == ChargeFailure(
                    reason: "card_declined", declineCode: "insufficient_funds", message: "Insufficient funds."))
        #expect(try stream.run(Sample.charge(Sample.declined, by: .webhook)) == [])
        #expect(try stream.run(.startProcessing(.stripe)) == [])
        #expect(stream.charge?.gatewayRequest() == nil)
    }

    @Test("D-19: a stale job does nothing", arguments: ChargeStatus.allCases.filter { $0 != .created })
    func staleJob(status: ChargeStatus) throws {
        var stream = try Sample.stream(status)
        #expect(try stream.run(.startProcessing(.stripe)) == [])
        let hasWork = stream.charge?.gatewayRequest() != nil
        #expect(hasWork == [.processing, .unknown].contains(status))
    }

    @Test("D-23: another amount than asked for is quarantined, once, and never booked")
    func amountMismatch() throws {
        var stream = try Sample.stream(.processing)
        let wrong = try Sample.captured(10_001)
        #expect(try stream.run(Sample.charge(wrong)) == ["ChargeQuarantined"])
        #expect(try stream.run(Sample.charge(wrong, by: .webhook)) == [])
        let charge = try #require(stream.charge)
        #expect(charge.status == .processing)
        #expect(charge.capturedMinor == 0)
        #expect(charge.quarantines.map(\.reason) == [.amountMismatch])
        #expect(charge.quarantines.first?.reported == (try Sample.money(10_001)))
        #expect(charge.gatewayRequest() == nil)
    }

    @Test("D-23: another currency than asked for is quarantined")
    func currencyMismatch() throws {
        var stream = try Sample.stream(.unknown)
        let evidence = GatewayEvidence(reference: "pi_1", amount: try Sample.money(10_000, "USD"))
        #expect(try stream.run(Sample.charge(.succeeded(evidence))) == ["ChargeQuarantined"])
        #expect(stream.charge?.quarantines.map(\.reason) == [.currencyMismatch])
        #expect(stream.charge?.status == .unknown)
    }

    @Test("money that moves after a definitive refusal is quarantined, not dropped", arguments: EvidenceSource.allCases)
    func lateSuccess(evidence: EvidenceSource) throws {
        var stream = try Sample.stream(.failed)
        #expect(try stream.run(Sample.charge(Sample.captured(), by: evidence)) == ["ChargeQuarantined"])
        #expect(try stream.run(Sample.charge(Sample.captured(), by: .webhook)) == [])
        let charge = try #require(stream.charge)
        #expect(charge.status == .failed)
        #expect(charge.quarantines.map(\.reason) == [.successAfterFailure])
        #expect(charge.capturedMinor == 0)
    }

    @Test("D-01: a second object at the provider for one attempt is quarantined")
    func conflictingReference() throws {
        var stream = try Sample.stream(.succeeded)
        let other = try Sample.captured(reference: "pi_2")
        #expect(try stream.run(Sample.charge(other, by: .webhook)) == ["ChargeQuarantined"])
        #expect(try stream.run(Sample.charge(other, by: .webhook)) == [])
        #expect(stream.charge?.quarantines.map(\.reason) == [.conflictingReference])
        #expect(stream.charge?.status == .succeeded)
    }
}
