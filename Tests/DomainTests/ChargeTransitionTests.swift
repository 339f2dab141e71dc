import Testing

@testable import Domain

/// The state machines, written out: a change to them has to be made here too.
@Suite struct ChargeTransitionTests {
    @Test("every status and every transition of a charge")
    func charges() {
        let table = """
            status           start       confirmPending requireAction    authorize  succeed   fail   cancel   loseOutcome
            CREATED          PROCESSING  -              -                -          -         FAILED CANCELED -
            PROCESSING       -           PROCESSING     REQUIRES_ACTION  AUTHORIZED SUCCEEDED FAILED CANCELED UNKNOWN
            REQUIRES_ACTION  -           -              -                AUTHORIZED SUCCEEDED FAILED CANCELED -
            AUTHORIZED       -           -              -                -          SUCCEEDED -      CANCELED -
            SUCCEEDED        -           -              -                -          -         -      -        -
            FAILED           -           -              -                -          -         -      -        -
            CANCELED         -           -              -                -          -         -      -        -
            UNKNOWN          -           PROCESSING     REQUIRES_ACTION  AUTHORIZED SUCCEEDED FAILED CANCELED -
            """
        let actual = Table(
            rows: ChargeStatus.allCases.map(\.rawValue), columns: ChargeTransition.allCases.map(\.rawValue)
        ) { row, column in
            ChargeStatus.allCases[row].next(after: ChargeTransition.allCases[column])?.rawValue
        }
        #expect(actual == Table(table))
    }

    @Test("every status and every transition of a refund")
    func refunds() {
        let table = """
            status     confirmPending succeed   fail   loseOutcome
            PENDING    PENDING        SUCCEEDED FAILED UNKNOWN
            SUCCEEDED  -              -         -      -
            FAILED     -              -         -      -
            UNKNOWN    PENDING        SUCCEEDED FAILED -
            """
        let actual = Table(
            rows: RefundStatus.allCases.map(\.rawValue), columns: RefundTransition.allCases.map(\.rawValue)
        ) { row, column in
            RefundStatus.allCases[row].next(after: RefundTransition.allCases[column])?.rawValue
        }
        #expect(actual == Table(table))
    }

    @Test("no transition leaves a terminal status", arguments: ChargeStatus.allCases.filter(\.isTerminal))
    func terminal(status: ChargeStatus) {
        #expect(ChargeTransition.allCases.allSatisfy { status.next(after: $0) == nil })
    }
}
