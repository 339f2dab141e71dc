import LocalEmulator

/// What a run of the demo found, for people and for scripts.
struct DemoReport {
    /// One thing that had to be so.
    struct Check {
        let name: String
        let holds: Bool
        let detail: String
    }

    /// One charge at the end.
    struct Charge {
        let name: String
        let state: JSONValue
        let providerCharges: Int
    }

    var checks: [Check] = []
    var charges: [Charge] = []
    var trialBalance: [TrialBalanceRow] = []
    var reconciliation: JSONValue = .null

    /// Whether everything is as it should be.
    var succeeded: Bool { !checks.isEmpty && checks.allSatisfy(\.holds) }

    /// The result without what differs from run to run (ids, times): equal for every run that ended well.
    var document: JSONValue {
        [
            "succeeded": .bool(succeeded),
            "checks": .array(
                checks.map { ["name": .string($0.name), "holds": .bool($0.holds), "detail": .string($0.detail)] }),
            "charges": .array(
                charges.map { charge in
                    [
                        "name": .string(charge.name), "status": charge.state["status"] ?? .null,
                        "amount": charge.state["amount"] ?? .null, "currency": charge.state["currency"] ?? .null,
                        "captured_amount": charge.state["captured_amount"] ?? .null,
                        "refunded_amount": charge.state["refunded_amount"] ?? .null,
                        "failure_reason": charge.state["failure"]?["reason"] ?? .null,
                        "provider_charges": .integer(Int64(charge.providerCharges)),
                    ]
                }),
            "trial_balance": .array(trialBalance.map(\.document)),
            "reconciliation": reconciliation,
        ]
    }
}

/// One line of the ledger's trial balance.
struct TrialBalanceRow: Equatable {
    /// `nil` for a currency's total.
    let account: String?
    let currency: String
    let debitMinor: Int64
    let creditMinor: Int64
    let balanceMinor: Int64

    var document: JSONValue {
        [
            "account": account.map { .string($0) } ?? .null, "currency": .string(currency),
            "debit_minor": .integer(debitMinor), "credit_minor": .integer(creditMinor),
            "balance_minor": .integer(balanceMinor),
        ]
    }
}
