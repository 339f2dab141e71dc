/// The results as tables: absolute numbers, and ratios beside them.
struct RuntimeTables {
    let results: RuntimeResults
    /// The names of the bootstraps, in the order of the rows.
    let names: [String]

    /// One for everything that was measured.
    var all: [RuntimeTable] {
        let compared = [start, evicted, sqs, kinesis, large].compactMap(\.self)
        return compared + [tls, memory, functionStarts, functionInvocations].filter { !$0.rows.isEmpty }
    }

    /// Whose times the others are divided by.
    private static let bases = [RuntimeResults.floor, RuntimeResults.socketFloor, RuntimeResults.peer]
    private static let startColumns: [Column] = [
        Column("first next ms", 2, \.firstNextMilliseconds),
        Column("first response ms", 2, \.firstResponseMilliseconds),
        Column("CPU to next ms", 2, \.startCPUMilliseconds), peakColumn,
    ]
    private static let eventColumns: [Column] = [
        Column("p50 us", 1, \.p50Microseconds), Column("p99 us", 1, \.p99Microseconds),
        Column("CPU us", 1, \.cpuPerInvocationMicroseconds), Column("per second", 0, \.invocationsPerSecond),
        peakColumn,
    ]
    private static let peakColumn = Column("peak RSS MB", 2, \.peakMegabytes)

    private var start: RuntimeTable? {
        compared(
            .start, "Start, files in the page cache (ratios: first response)", Self.startColumns,
            \.firstResponseMilliseconds)
    }

    private var evicted: RuntimeTable? {
        let pages = [
            Column("pages", 0) { Double($0.evictedPages ?? 0) },
            Column("still cached", 0) { Double($0.remainingPages ?? 0) },
        ]
        return compared(
            .evicted, "Start, files dropped from the page cache (ratios: first response)", Self.startColumns + pages,
            \.firstResponseMilliseconds)
    }

    private var sqs: RuntimeTable? {
        compared(.sqs, "1 SQS record (ratios: p50)", Self.eventColumns, \.p50Microseconds)
    }

    private var kinesis: RuntimeTable? {
        compared(.kinesis, "100 Kinesis records (ratios: p50)", Self.eventColumns, \.p50Microseconds)
    }

    private var large: RuntimeTable? {
        let columns = [
            Column("p50 ms", 2) { $0.p50Microseconds / 1_000 }, Column("MB/s", 0, \.megabytesPerSecond),
            Column("CPU ms", 2) { $0.cpuPerInvocationMicroseconds / 1_000 }, Self.peakColumn,
        ]
        return compared(.large, "6 600 SQS records, 6 MB (ratios: p50)", columns, \.p50Microseconds)
    }

    private var tls: RuntimeTable {
        RuntimeTable(
            title: "First verified TLS request of a process", header: ["roots", "first ms", "later ms"],
            rows: results.tls.map {
                [$0.roots, RuntimeTable.text($0.firstMilliseconds, 2), RuntimeTable.text($0.laterMilliseconds, 2)]
            })
    }

    private var memory: RuntimeTable {
        RuntimeTable(
            title: "Resident memory of the echo, SQS events", header: ["invocations", "RSS kB"],
            rows: results.resident.map { ["\($0.after)", "\($0.kilobytes)"] })
    }

    private var functionStarts: RuntimeTable {
        RuntimeTable(
            title: "Start of the real functions",
            header: ["function", "first next ms", "x echo", "own CPU ms", "x echo", "waiting ms"],
            rows: results.functions.map {
                [
                    $0.name, RuntimeTable.text($0.own.firstNextMilliseconds, 2), RuntimeTable.text($0.ratio, 2),
                    RuntimeTable.text($0.own.startCPUMilliseconds, 2), RuntimeTable.text($0.cpuRatio, 2),
                    RuntimeTable.text($0.own.startWaitMilliseconds, 2),
                ]
            })
    }

    private var functionInvocations: RuntimeTable {
        func row(_ name: String, _ figures: RuntimeFigures) -> [String] {
            [
                name, RuntimeTable.text(figures.firstInvocationMicroseconds / 1_000, 2),
                RuntimeTable.text(figures.secondInvocationMicroseconds / 1_000, 2),
                RuntimeTable.text(figures.p50Microseconds / 1_000, 2),
                RuntimeTable.text(figures.firstInvocationMicroseconds / figures.p50Microseconds, 1),
            ]
        }
        let invoked = results.functions.filter(\.wasInvoked)
        let echo = invoked.first.map { [row(RuntimeResults.echo, $0.echo)] } ?? []
        return RuntimeTable(
            title: "First invocation of the real functions",
            header: ["function", "first ms", "second ms", "later p50 ms", "first / later"],
            rows: echo + invoked.map { row($0.name, $0.own) })
    }

    /// A figure of each bootstrap.
    private struct Column: Sendable {
        let heading: String
        let decimals: Int
        let value: @Sendable (RuntimeFigures) -> Double

        init(_ heading: String, _ decimals: Int, _ value: @escaping @Sendable (RuntimeFigures) -> Double) {
            (self.heading, self.decimals, self.value) = (heading, decimals, value)
        }
    }

    /// A row for each bootstrap; `nil` when the subject was not measured.
    private func compared(
        _ subject: RuntimeSubject, _ title: String, _ columns: [Column], _ compared: (RuntimeFigures) -> Double
    ) -> RuntimeTable? {
        guard let figures = results.compared[subject] else { return nil }
        let bases = Self.bases.filter { figures[$0] != nil }
        let rows = names.compactMap { name -> [String]? in
            guard let own = figures[name] else { return nil }
            let ratios = bases.map { base in
                figures[base].map { RuntimeTable.text(compared(own) / compared($0), 3) } ?? ""
            }
            return [name] + columns.map { RuntimeTable.text($0.value(own), $0.decimals) } + ratios
        }
        return RuntimeTable(
            title: title, header: ["bootstrap"] + columns.map(\.heading) + bases.map { "x \($0)" }, rows: rows)
    }
}
