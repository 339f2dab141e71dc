import LocalEmulator

/// A whole run, printed: where it was made, what was measured, and how that stands to the goals.
struct RuntimeReport {
    let options: RuntimeBenchmarkOptions
    let machine: RuntimeMachine
    let results: RuntimeResults
    /// The names of the bootstraps, in the order of the rows.
    let names: [String]

    func lines(_ console: Console) -> [String] {
        switch options.output {
        case .tables: terminal(console)
        case .markdown: markdown
        case .json: [document.text]
        }
    }

    private var tables: [RuntimeTable] { RuntimeTables(results: results, names: names).all }

    private var rounds: String { "seed \(options.seed), \(options.rounds) rounds" }

    /// Who is named below the tables, for doing less than the echo.
    private var unread: String? {
        guard !results.compared.isEmpty, !results.unread.isEmpty else { return nil }
        return "Not reading the records they are sent: \(results.unread.joined(separator: ", "))."
    }

    private var goalTable: RuntimeTable {
        RuntimeTable(
            title: "Goals", header: ["goal", "limit", "measured", "verdict"],
            rows: results.goals.map { goal in
                [
                    goal.what, "\(goal.direction.rawValue) \(RuntimeTable.plain(goal.limit)) \(goal.unit)",
                    "\(RuntimeTable.text(goal.measured, 3)) \(goal.unit)", goal.isReached ? "pass" : "MISS",
                ]
            })
    }

    private func terminal(_ console: Console) -> [String] {
        var lines = [machine.summary, rounds, ""]
        for table in tables { lines += [console.styled(table.title, .strong)] + table.lines + [""] }
        if let unread { lines += [unread, ""] }
        guard !results.goals.isEmpty else { return lines }
        let styles: [Console.Style?] = [nil] + results.goals.map { $0.isReached ? .good : .bad }
        return lines + [console.styled(goalTable.title, .strong)]
            + zip(goalTable.lines, styles).map { line, style in style.map { console.styled(line, $0) } ?? line }
    }

    /// What stands in docs/benchmarks.md.
    private var markdown: [String] {
        let subjects = RuntimeSubject.allCases.filter(options.subjects.contains).map(\.rawValue)
        let command =
            "./fincore bench runtime --only \(subjects.joined(separator: ",")) --rounds \(options.rounds)"
            + " --seed \(options.seed) --markdown"
        var lines = ["```sh", command, "```", "", "\(machine.summary), \(rounds).", ""]
        for table in tables { lines += table.markdown }
        if let unread { lines += [unread, ""] }
        if !results.goals.isEmpty { lines += goalTable.markdown }
        return Array(lines.dropLast())
    }

    private var document: JSONValue {
        let compared = results.compared.map { subject, figures in
            (subject.rawValue, JSONValue.object(figures.mapValues(\.document)))
        }
        return [
            "machine": machine.document,
            "seed": .integer(Int64(options.seed)), "rounds": .integer(Int64(options.rounds)),
            "compared": .object(Dictionary(uniqueKeysWithValues: compared)),
            "memory": .array(
                results.resident.map {
                    ["invocations": .integer(Int64($0.after)), "kilobytes": .integer(Int64($0.kilobytes))]
                }),
            "tls": .array(results.tls.map(\.document)), "functions": .array(results.functions.map(\.document)),
            "goals": .array(results.goals.map(\.document)),
            "not_reading_records": .array(results.unread.map { .string($0) }),
        ]
    }
}
