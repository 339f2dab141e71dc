import Domain
import Testing

/// Every status of a charge against every command: what follows, or why it is refused.
@Suite struct ChargeDecisionTests {
    @Test("every status and every outcome of the present attempt")
    func outcomes() throws {
        let table = """
            status           captured          held              action               pending       declined     canceled          refused      unknown
            CREATED          !refused          !refused          !refused             !refused      !refused     !refused          !refused     !refused
            PROCESSING       ChargeSucceeded   ChargeAuthorized  ChargeRequiresAction ChargePending ChargeFailed ChargeFailed      ChargeFailed ChargeOutcomeUnknown
            REQUIRES_ACTION  ChargeSucceeded   ChargeAuthorized  -                    -             ChargeFailed ChargeFailed      -            -
            AUTHORIZED       ChargeSucceeded   -                 -                    -             -            ChargeQuarantined -            -
            SUCCEEDED        -                 -                 -                    -             -            -                 -            -
            FAILED           ChargeQuarantined ChargeQuarantined -                    -             -            -                 -            -
            CANCELED         ChargeQuarantined ChargeQuarantined -                    -             -            -                 -            -
            UNKNOWN          ChargeSucceeded   ChargeAuthorized  ChargeRequiresAction ChargePending ChargeFailed ChargeFailed      -            -
            """
        let outcomes: [(String, GatewayOutcome)] = [
            ("captured", try Sample.captured()), ("held", try Sample.held()), ("action", Sample.requiresAction),
            ("pending", Sample.pending), ("declined", Sample.declined), ("canceled", Sample.canceled),
            ("refused", Sample.requestRefused), ("unknown", Sample.unknown),
        ]
        for evidence in EvidenceSource.allCases {
            let actual = try Table(rows: ChargeStatus.allCases.map(\.rawValue), columns: outcomes.map(\.0)) {
                row, column in
                let charge = try Sample.stream(ChargeStatus.allCases[row]).charge
                let command = Sample.charge(outcomes[column].1, attempt: charge?.attempt ?? 0, by: evidence)
                return try names { try ChargeRules.decide(charge, command) }
            }
            #expect(actual == Table(table), "evidence by \(evidence)")
        }
    }

    @Test("every status and every other command")
    func commands() throws {
        let table = """
            status           initiate  initiateOther  start                    refund           refundOutcome
            CREATED          -         !refused       ChargeProcessingStarted  !not_allowed     !not_found
            PROCESSING       -         !refused       -                        !not_allowed     !not_found
            REQUIRES_ACTION  -         !refused       -                        !not_allowed     !not_found
            AUTHORIZED       -         !refused       -                        !not_allowed     !not_found
            SUCCEEDED        -         !refused       -                        RefundInitiated  !not_found
            FAILED           -         !refused       -                        !not_allowed     !not_found
            CANCELED         -         !refused       -                        !not_allowed     !not_found
            UNKNOWN          -         !refused       -                        !not_allowed     !not_found
            """
        let columns = ["initiate", "initiateOther", "start", "refund", "refundOutcome"]
        let actual = try Table(rows: ChargeStatus.allCases.map(\.rawValue), columns: columns) { row, column in
            let status = ChargeStatus.allCases[row]
            let charge = try Sample.stream(status).charge
            let mode: CaptureMode = status == .authorized ? .manual : .automatic
            let commands = try [
                Sample.initiate(captureMode: mode), Sample.initiate(amountMinor: 1, captureMode: mode),
                .startProcessing(.stripe), Sample.initiateRefund(1), Sample.refund(Sample.pending),
            ]
            return try names { try ChargeRules.decide(charge, commands[column]) }
        }
        #expect(actual == Table(table))
    }

    @Test("every command but the first one needs a charge")
    func notFound() throws {
        let commands = try [
            .startProcessing(.stripe), Sample.charge(Sample.pending), Sample.initiateRefund(1),
            Sample.refund(Sample.pending),
        ]
        for command in commands {
            #expect(throws: DomainError.chargeNotFound) { try ChargeRules.decide(nil, command) }
        }
    }

    @Test("an outcome of another attempt than the present one is refused", arguments: [0, 2])
    func attemptMismatch(attempt: Int) throws {
        var stream = try Sample.stream(.processing)
        #expect(throws: DomainError.attemptMismatch(current: 1, reported: attempt)) {
            try stream.run(Sample.charge(Sample.captured(), attempt: attempt))
        }
    }

    /// The types of the events, or a word for the refusal.
    private func names(_ decide: () throws -> [ChargeEvent]) throws -> String? {
        do {
            let names = try decide().map(\.typeName)
            return names.isEmpty ? nil : names.joined(separator: "+")
        } catch DomainError.illegalTransition {
            return "!refused"
        } catch DomainError.refundNotAllowed {
            return "!not_allowed"
        } catch DomainError.refundNotFound {
            return "!not_found"
        }
    }
}
