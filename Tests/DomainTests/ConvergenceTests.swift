import Domain
import Testing

/// H.10 and D-04: whatever the order and number of deliveries, a charge ends in one state.
@Suite struct ConvergenceTests {
    @Test("D-04: every order of a charge's notifications, each of them once more, ends in one state")
    func charges() throws {
        let wrongAmount = try Sample.captured(9999)
        let captured = try Sample.captured()
        let held = try Sample.held()
        let sets: [[GatewayOutcome]] = [
            [Sample.pending, Sample.requiresAction, captured],
            [Sample.pending, Sample.requiresAction, Sample.declined],
            [Sample.pending, Sample.requiresAction, held, captured],
            [Sample.unknown, Sample.pending, Sample.requiresAction, captured],
            [Sample.unknown, Sample.pending, held],
            [Sample.unknown, Sample.requiresAction, Sample.declined],
            [Sample.unknown, Sample.pending],
            [Sample.unknown, Sample.requiresAction, Sample.pending],
            [wrongAmount, Sample.pending, captured],
            [wrongAmount, Sample.unknown, Sample.declined],
        ]
        for outcomes in sets {
            let start = try Sample.stream(.processing)
            try expectOneEnd(from: start, outcomes.map { Sample.charge($0, by: .webhook) })
        }
    }

    @Test("D-04: every order of a refund's notifications, each of them once more, ends in one state")
    func refunds() throws {
        let executed = try Sample.captured(4000, reference: Sample.refundReference)
        let wrongAmount = try Sample.captured(1, reference: Sample.refundReference)
        let pending = GatewayOutcome.pending(reference: Sample.refundReference)
        let declined = Sample.declined(reference: Sample.refundReference)
        let sets: [[GatewayOutcome]] = [
            [pending, executed], [pending, declined], [Sample.unknown, pending, executed],
            [Sample.unknown, pending, declined], [Sample.unknown, pending], [wrongAmount, pending, executed],
        ]
        for outcomes in sets {
            var start = try Sample.stream(.succeeded)
            try start.run(Sample.initiateRefund(4000))
            try expectOneEnd(from: start, outcomes.map { Sample.refund($0, by: .webhook) })
        }
    }

    @Test("two refunds of one charge do not disturb each other in any order")
    func twoRefunds() throws {
        let second = RefundID(rawValue: "re_2")
        var start = try Sample.stream(.succeeded)
        try start.run(Sample.initiateRefund(4000))
        try start.run(Sample.initiateRefund(6000, second))
        let commands = try [
            Sample.refund(.pending(reference: "r1")), Sample.refund(Sample.captured(4000, reference: "r1")),
            Sample.refund(.pending(reference: "r2"), second), Sample.refund(Sample.declined(reference: "r2"), second),
        ]
        try expectOneEnd(from: start, commands)
    }

    @Test("a refusal and a success of one attempt: the money is booked or quarantined, in any order")
    func contradiction() throws {
        for order in permutations([try Sample.captured(), Sample.declined]) {
            var stream = try Sample.stream(.processing)
            for outcome in order { try stream.run(Sample.charge(outcome, by: .webhook)) }
            let charge = try #require(stream.charge)
            #expect((charge.status == .succeeded) != charge.quarantined)
        }
    }

    /// Runs every distinct order of the commands, and of the commands with each one of them delivered twice.
    private func expectOneEnd(from start: Stream, _ commands: [ChargeCommand]) throws {
        var ends: Set<End> = []
        for deliveries in [commands] + commands.map({ commands + [$0] }) {
            for order in permutations(deliveries) {
                var stream = start
                for command in order { try stream.run(command) }
                ends.insert(End(try #require(stream.charge)))
            }
        }
        #expect(ends.count == 1, "\(commands)")
    }

    /// What has to be the same; the number of events on the way may differ.
    private struct End: Hashable {
        let status: ChargeStatus
        let reference: String?
        let failure: ChargeFailure?
        let totals: [Int64]
        let refunds: [Refund]
        let quarantines: Set<ChargeQuarantined>

        init(_ charge: Charge) {
            status = charge.status
            reference = charge.providerReference
            failure = charge.failure
            totals = [
                charge.authorizedMinor, charge.capturedMinor, charge.refundedMinor, charge.refundReservedMinor,
            ]
            refunds = charge.refunds
            quarantines = Set(charge.quarantines)
        }
    }

    private func permutations<Element>(_ elements: [Element]) -> [[Element]] {
        guard !elements.isEmpty else { return [[]] }
        return elements.indices.flatMap { index in
            var rest = elements
            let first = rest.remove(at: index)
            return permutations(rest).map { [first] + $0 }
        }
    }
}

extension Sample {
    fileprivate static func declined(reference: String) -> GatewayOutcome {
        .declined(GatewayDecline(reason: "declined", message: "Refused.", reference: reference))
    }
}
