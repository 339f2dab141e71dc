import Foundation

/// The results as tables for people: absolute numbers, ratios beside them, goals at the end.
struct RuntimeTables {
    let results: RuntimeResults
    /// The names of the bootstraps, in the order of the rows.
    let names: [String]

    func lines(_ console: Console) -> [String] {
        var lines: [String] = []
        for subject in RuntimeSubject.allCases {
            guard let table = table(subject) else { continue }
            lines += [console.styled(Self.title(subject), .strong)] + table + [""]
        }
        if !results.compared.isEmpty, !results.unread.isEmpty {
            lines += ["not reading the records they are sent: " + results.unread.joined(separator: ", "), ""]
        }
        let goals = results.goals
        if !goals.isEmpty { lines += [console.styled("goals", .strong)] + goalLines(goals, console) }
        return lines
    }

    private static func title(_ subject: RuntimeSubject) -> String {
        switch subject {
        case .start: "start, files in the page cache (ratios: first response)"
        case .evicted: "start, the bootstrap's files dropped from the page cache (ratios: first response)"
        case .sqs: "1 SQS record (ratios: p50)"
        case .kinesis: "100 Kinesis records (ratios: p50)"
        case .large: "6 600 SQS records (ratios: p50)"
        case .tls: "first verified TLS request of a process"
        case .memory: "resident memory of the echo, SQS events"
        case .functions: "start of the real functions"
        }
    }

    private func table(_ subject: RuntimeSubject) -> [String]? {
        switch subject {
        case .start, .evicted:
            let more = subject == .evicted ? ["pages", "still cached"] : []
            return compared(
                subject, ["first next ms", "first response ms", "CPU to next ms", "peak RSS MiB"] + more,
                \.firstResponseMilliseconds
            ) { figures in
                [
                    Self.text(figures.firstNextMilliseconds, 2), Self.text(figures.firstResponseMilliseconds, 2),
                    Self.text(figures.startCPUMilliseconds, 2), Self.text(figures.peakMebibytes, 1),
                ]
                    + (more.isEmpty
                        ? [] : [figures.evictedPages, figures.remainingPages].map { $0.map(String.init) ?? "" })
            }
        case .sqs, .kinesis:
            return compared(subject, ["p50 us", "p99 us", "CPU us", "per second", "peak RSS MiB"], \.p50Microseconds) {
                figures in
                [
                    Self.text(figures.p50Microseconds, 1), Self.text(figures.p99Microseconds, 1),
                    Self.text(figures.cpuPerInvocationMicroseconds, 1), Self.text(figures.invocationsPerSecond, 0),
                    Self.text(figures.peakMebibytes, 1),
                ]
            }
        case .large:
            return compared(subject, ["p50 ms", "MB/s", "CPU ms", "peak RSS MiB"], \.p50Microseconds) { figures in
                [
                    Self.text(figures.p50Microseconds / 1_000, 2), Self.text(figures.megabytesPerSecond, 0),
                    Self.text(figures.cpuPerInvocationMicroseconds / 1_000, 2), Self.text(figures.peakMebibytes, 1),
                ]
            }
        case .tls:
            guard !results.tls.isEmpty else { return nil }
            let rows = results.tls.map {
                [$0.roots, Self.text($0.firstMilliseconds, 2), Self.text($0.laterMilliseconds, 2)]
            }
            return Console.table([["roots", "first ms", "later ms"]] + rows, right: [1, 2])
        case .memory:
            guard !results.resident.isEmpty else { return nil }
            let rows = results.resident.map { ["\($0.after)", "\($0.kilobytes)"] }
            return Console.table([["invocations", "RSS kB"]] + rows, right: [0, 1])
        case .functions:
            guard !results.functions.isEmpty else { return nil }
            let rows = results.functions.map {
                [
                    $0.name, Self.text($0.firstNextMilliseconds, 2), Self.text($0.ratio, 2),
                    Self.text($0.startCPUMilliseconds, 2), Self.text($0.cpuRatio, 2),
                ]
            }
            let header = ["function", "first next ms", "x echo", "CPU to next ms", "x echo"]
            return Console.table([header] + rows, right: [1, 2, 3, 4])
        }
    }

    private func compared(
        _ subject: RuntimeSubject, _ columns: [String], _ value: (RuntimeFigures) -> Double,
        cells: (RuntimeFigures) -> [String]
    ) -> [String]? {
        guard let figures = results.compared[subject] else { return nil }
        let bases = [RuntimeResults.floor, RuntimeResults.peer].filter { figures[$0] != nil }
        let rows = names.compactMap { name -> [String]? in
            guard let own = figures[name] else { return nil }
            let ratios = bases.map { base in figures[base].map { Self.text(value(own) / value($0), 3) } ?? "" }
            return [name] + cells(own) + ratios
        }
        let header = [""] + columns + bases.map { "x \($0)" }
        return Console.table([header] + rows, right: Set(1..<header.count))
    }

    private func goalLines(_ goals: [RuntimeGoal], _ console: Console) -> [String] {
        let rows = goals.map { goal in
            [
                goal.what, goal.direction.rawValue, Self.plain(goal.limit) + " " + goal.unit,
                Self.text(goal.measured, 3) + " " + goal.unit,
            ]
        }
        let table = Console.table([["goal", "", "limit", "measured"]] + rows, right: [2, 3])
        let width = table.map(\.count).max() ?? 0
        return zip(table, [nil] + goals).map { line, goal in
            guard let goal else { return line }
            let padding = String(repeating: " ", count: width - line.count + 2)
            return line + padding + (goal.isReached ? console.styled("pass", .good) : console.styled("MISS", .bad))
        }
    }

    private static func text(_ value: Double, _ decimals: Int) -> String { String(format: "%.\(decimals)f", value) }

    /// A limit as the goal states it: 1.25, 500.
    private static func plain(_ value: Double) -> String { String(format: "%g", value) }
}
