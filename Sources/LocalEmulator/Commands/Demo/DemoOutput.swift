import LocalEmulator

/// The demo's result as a person reads it.
enum DemoOutput {
    static func print(_ report: DemoReport, _ console: Console) {
        for charge in report.charges { printCharge(charge, console) }
        console.print("Trial balance (LedgerDB)")
        let rows = report.trialBalance.map { row in
            [
                "  " + (row.account ?? "total"), row.currency, amount(row.debitMinor), amount(row.creditMinor),
                amount(row.balanceMinor),
            ]
        }
        let header = [["  account", "", "debit", "credit", "balance"]]
        for line in Console.table(header + rows, right: [2, 3, 4]) { console.print(line) }
        console.print()
        let classes = (report.reconciliation["summary"]?.objectValue ?? [:]).filter { ($0.value.intValue ?? 0) > 0 }
        console.print("Reconciliation of \(report.reconciliation["rows"]?.intValue ?? 0) settlement rows")
        for line in Console.table(
            classes.sorted { $0.key < $1.key }.map { ["  " + $0.key, $0.value.text] }, right: [1])
        { console.print(line) }
        console.print()
        let failed = report.checks.filter { !$0.holds }
        for check in failed { console.print(console.styled("NOT OK", .bad) + "  \(check.name): \(check.detail)") }
        console.print(
            failed.isEmpty
                ? console.styled("All \(report.checks.count) checks hold.", .good)
                : console.styled("\(failed.count) of \(report.checks.count) checks do not hold.", .bad))
    }

    private static func printCharge(_ charge: DemoReport.Charge, _ console: Console) {
        let state = charge.state
        let status = state["status"]?.stringValue ?? "?"
        console.print(
            console.styled("\(state["id"]?.stringValue ?? "?")  \(status)", .strong)
                + "  \(amount(Int64(state["amount"]?.intValue ?? 0))) \(state["currency"]?.stringValue ?? "")  (\(charge.name))"
        )
        let rows = (state["timeline"]?.arrayValue ?? []).map { entry in
            [
                "  \(entry["version"]?.intValue ?? 0)", entry["occurred_at"]?.stringValue ?? "",
                entry["type"]?.stringValue ?? "",
            ]
        }
        for line in Console.table(rows) { console.print(line) }
        console.print()
    }

    /// Two decimals: every amount of the demo is in euros.
    private static func amount(_ minor: Int64) -> String {
        let sign = minor < 0 ? "-" : ""
        let cents = minor.magnitude % 100
        return "\(sign)\(minor.magnitude / 100).\(cents < 10 ? "0" : "")\(cents)"
    }
}
