import Domain
import Testing

/// Random histories, also impossible ones: whatever is thrown at a charge, the invariants of a payment hold.
@Suite struct ChargeInvariantTests {
    private static let seeds: ClosedRange<UInt64> = 1...300
    private static let commandsPerHistory = 60

    @Test("H.1: 0 <= refunded + reserved <= captured <= authorized <= amount, after every event")
    func moneyInvariant() throws {
        for seed in Self.seeds {
            try forEachStep(seed) { stream in
                guard let charge = stream.charge else { return }
                let claimed = charge.refundedMinor + charge.refundReservedMinor
                #expect(charge.refundedMinor >= 0 && charge.refundReservedMinor >= 0, "seed \(seed)")
                #expect(claimed <= charge.capturedMinor, "seed \(seed)")
                #expect(charge.capturedMinor <= charge.authorizedMinor, "seed \(seed)")
                #expect(charge.authorizedMinor <= charge.amount.amountMinor, "seed \(seed)")
            }
        }
    }

    @Test("H.2: at most one terminal outcome per attempt and per refund, and one key per attempt")
    func terminalOutcomes() throws {
        for seed in Self.seeds {
            let stream = try history(seed)
            var outcomes: [String: Int] = [:]
            var keys: [Int: Set<String>] = [:]
            for envelope in stream.envelopes {
                switch envelope.event {
                case .chargeSucceeded(let event): outcomes["charge \(event.attempt)", default: 0] += 1
                case .chargeFailed(let event): outcomes["charge \(event.attempt)", default: 0] += 1
                case .refundSucceeded(let event): outcomes["refund \(event.refundID)", default: 0] += 1
                case .refundFailed(let event): outcomes["refund \(event.refundID)", default: 0] += 1
                case .chargeProcessingStarted(let event):
                    keys[event.attempt, default: []].insert(event.providerIdempotencyKey)
                    #expect(
                        event.providerIdempotencyKey
                            == ProviderIdempotencyKey.charge(envelope.streamID, attempt: event.attempt))
                default: break
                }
            }
            #expect(outcomes.values.allSatisfy { $0 == 1 }, "seed \(seed): \(outcomes)")
            #expect(keys.values.allSatisfy { $0.count == 1 }, "seed \(seed)")
        }
    }

    @Test("H.3: versions have no gaps, and the state is the fold of the events as they are carried")
    func foldOfCarriedEvents() throws {
        for seed in Self.seeds {
            let stream = try history(seed)
            #expect(stream.envelopes.map(\.version) == Array(1...stream.envelopes.count), "seed \(seed)")
            let carried = try stream.envelopes.map { try EventEnvelope.decoded(from: $0.encoded()) }
            #expect(carried == stream.envelopes, "seed \(seed)")
            #expect(try ChargeRules.fold(carried) == stream.charge, "seed \(seed)")
        }
    }

    @Test("H.4: the ledger of a history balances and agrees with the state of the charge")
    func ledgerAgrees() throws {
        for seed in Self.seeds {
            let stream = try history(seed)
            var balances: [LedgerAccount: Int64] = [:]
            for envelope in stream.envelopes {
                guard let transaction = try PostingRules.transaction(for: envelope) else { continue }
                #expect(transaction.isBalanced)
                for entry in transaction.entries { balances[entry.account, default: 0] += entry.amountMinor }
            }
            let charge = try #require(stream.charge)
            #expect(balances.values.reduce(0, +) == 0, "seed \(seed)")
            #expect(
                balances[.providerReceivable(.stripe), default: 0] == charge.capturedMinor - charge.refundedMinor,
                "seed \(seed)")
            #expect(balances[.refundsInFlight, default: 0] == -charge.refundReservedMinor, "seed \(seed)")
            #expect(
                balances[.merchantPayable(charge.merchantID), default: 0] == -charge.refundable.amountMinor,
                "seed \(seed)")
        }
    }

    @Test("H.9: money is recognised only from evidence of the charge's own amount and currency")
    func recognition() throws {
        for seed in Self.seeds {
            let stream = try history(seed)
            let charge = try #require(stream.charge)
            for envelope in stream.envelopes {
                guard case .chargeSucceeded(let event) = envelope.event else { continue }
                #expect(event.captured == charge.amount, "seed \(seed)")
            }
        }
    }

    @Test("a command repeated at once leads to nothing new")
    func repetition() throws {
        for seed in Self.seeds {
            var generator = SeededGenerator(seed: seed)
            var stream = Stream()
            try stream.run(Sample.initiate())
            for _ in 0..<Self.commandsPerHistory {
                let command = try randomCommand(&generator)
                guard (try? stream.run(command)) != nil else { continue }
                #expect(try stream.run(command) == [], "seed \(seed): \(command)")
            }
        }
    }

    @Test("random histories reach every status and every kind of contradiction")
    func coverage() throws {
        var statuses: Set<ChargeStatus> = []
        var refundStatuses: Set<RefundStatus> = []
        var reasons: Set<QuarantineReason> = []
        for seed in Self.seeds {
            try forEachStep(seed) { stream in
                guard let charge = stream.charge else { return }
                statuses.insert(charge.status)
                refundStatuses.formUnion(charge.refunds.map(\.status))
                reasons.formUnion(charge.quarantines.map(\.reason))
            }
        }
        // No command cancels a charge yet.
        #expect(statuses == Set(ChargeStatus.allCases).subtracting([.canceled]))
        #expect(refundStatuses == Set(RefundStatus.allCases))
        #expect(reasons == Set(QuarantineReason.allCases))
    }

    private func history(_ seed: UInt64) throws -> Stream {
        var last = Stream()
        try forEachStep(seed) { last = $0 }
        return last
    }

    /// Refused commands are part of the history: they must change nothing.
    private func forEachStep(_ seed: UInt64, _ body: (Stream) throws -> Void) throws {
        var generator = SeededGenerator(seed: seed)
        var stream = Stream()
        try stream.run(Sample.initiate())
        try body(stream)
        for _ in 0..<Self.commandsPerHistory {
            let command = try randomCommand(&generator)
            do {
                try stream.run(command)
            } catch let error as DomainError {
                if case .corruptStream = error { Issue.record("seed \(seed), \(command): \(error)") }
            }
            try body(stream)
        }
    }

    private func randomCommand(_ generator: inout SeededGenerator) throws -> ChargeCommand {
        let evidence = EvidenceSource.allCases.randomElement(using: &generator) ?? .response
        let refundID = RefundID(rawValue: "re_\(Int.random(in: 1...4, using: &generator))")
        switch Int.random(in: 0..<10, using: &generator) {
        case 0:
            return .startProcessing(.stripe)
        case 1...4:
            let outcome = try randomOutcome(10_000, "pi", &generator)
            return Sample.charge(outcome, attempt: Int.random(in: 0...5, using: &generator) == 0 ? 2 : 1, by: evidence)
        case 5...6:
            let amountMinor: Int64? = [1, 2500, 4000, 6000, 10_000, 10_001].randomElement(using: &generator)
            return try Sample.initiateRefund(amountMinor, refundID)
        default:
            let amountMinor: Int64 = [1, 2500, 4000, 6000, 10_000].randomElement(using: &generator) ?? 1
            return Sample.refund(
                try randomOutcome(amountMinor, refundID.rawValue, &generator), refundID, by: evidence)
        }
    }

    private func randomOutcome(
        _ amountMinor: Int64, _ object: String, _ generator: inout SeededGenerator
    ) throws -> GatewayOutcome {
        let isOdd = Int.random(in: 0..<12, using: &generator) == 0
        let reference = isOdd ? "\(object)_second" : "\(object)_first"
        switch Int.random(in: 0..<8, using: &generator) {
        case 0:
            return .requiresAction(reference: reference, redirectURL: nil)
        case 1:
            return .pending(reference: reference)
        case 2:
            let reach = GatewayDecline.Reach.allCases.randomElement(using: &generator) ?? .attempt
            return .declined(
                GatewayDecline(reason: "card_declined", message: "No.", reference: reference, reach: reach))
        case 3:
            return .unknown(detail: "timed out")
        case 4:
            let amount = isOdd ? try Sample.money(amountMinor, "USD") : try Sample.money(amountMinor)
            return .succeeded(GatewayEvidence(reference: reference, amount: amount, isCaptured: false))
        default:
            let amount = try Sample.money(isOdd ? amountMinor + 1 : amountMinor)
            return .succeeded(GatewayEvidence(reference: reference, amount: amount))
        }
    }
}
