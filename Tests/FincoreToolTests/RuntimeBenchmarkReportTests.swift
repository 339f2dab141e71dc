import LocalEmulator
import Testing

@testable import fincore

@Suite("Runtime benchmark: report") struct RuntimeReportTests {
    private static let machine = RuntimeMachine(
        processor: "A processor", cores: 2, kernel: "Linux 6.1", versions: ["Swift 6.3", "CPython 3.11.7"],
        date: "2026-11-20", load: "0.10")

    private func figures(p50: Double) throws -> RuntimeFigures {
        RuntimeFigures([
            try harnessReport(["latency_us": ["min": 1, "p50": .number(p50), "p90": 1, "p99": 1, "max": 1]])
        ])
    }

    private func results() throws -> RuntimeResults {
        var results = RuntimeResults()
        results.compared[.sqs] = [
            "echo": try figures(p50: 30), "floor": try figures(p50: 20), "go": try figures(p50: 60),
        ]
        results.unread = ["floor"]
        return results
    }

    private func lines(_ results: RuntimeResults, _ words: [String], isJSON: Bool = false) throws -> [String] {
        var arguments = Arguments(["--seed", "7", "--rounds", "3"] + words)
        let options = try RuntimeBenchmarkOptions(&arguments, isJSON: isJSON)
        return RuntimeReport(
            options: options, machine: Self.machine, results: results, names: ["echo", "floor", "go"]
        ).lines(Console())
    }

    @Test("tables name every bootstrap, with ratios, who does not read, and a verdict for each goal")
    func tables() throws {
        let lines = try lines(try results(), [])
        #expect(lines[0] == Self.machine.summary)
        #expect(lines[1] == "seed 7, 3 rounds")
        #expect(lines[3] == "1 SQS record (ratios: p50)")
        #expect(lines[4].hasSuffix("x floor"))
        #expect(lines[5].hasPrefix("echo") && lines[5].hasSuffix("1.500"))
        #expect(lines[7].hasPrefix("go") && lines[7].hasSuffix("3.000"))
        #expect(lines.contains("Not reading the records they are sent: floor."))
        #expect(lines.filter { $0.hasSuffix("MISS") }.count == 1)
        #expect(lines.filter { $0.hasSuffix("pass") }.count == 1)
    }

    @Test("Markdown begins with the command that makes it again, and every row has as many cells as its header")
    func markdown() throws {
        let lines = try lines(try results(), ["--markdown", "--only", "kinesis,sqs"])
        #expect(lines[1] == "./fincore bench runtime --only sqs,kinesis --rounds 3 --seed 7 --markdown")
        #expect(lines.contains { $0.contains("A processor, 2 cores") && $0.hasSuffix("seed 7, 3 rounds.") })
        #expect(lines.contains("### 1 SQS record (ratios: p50)"))
        #expect(lines.contains("### Goals"))
        let tables = lines.split(separator: "").filter { $0.first?.hasPrefix("|") == true }
        #expect(tables.count == 2)
        for table in tables {
            #expect(Set(table.map { row in row.count { $0 == "|" } }).count == 1)
        }
        #expect(lines.last?.hasPrefix("|") == true)
    }

    @Test("functions: the ratio to the echo, waiting apart from own work, and the first invocation beside later ones")
    func functions() throws {
        let echo = RuntimeFigures([
            try harnessReport([
                "first_next_ms": [2.0], "start_cpu_ms": [1.0],
                "latency_us": ["min": 1, "p50": 20, "p90": 1, "p99": 1, "max": 1],
            ])
        ])
        let worker = RuntimeFigures([
            try harnessReport([
                "first_next_ms": [6.0], "start_cpu_ms": [2.0], "first_latency_us": [4_000.0],
                "second_latency_us": [1_500.0], "latency_us": ["min": 1, "p50": 1_000, "p90": 1, "p99": 1, "max": 1],
            ])
        ])
        let ledger = RuntimeFigures([try harnessReport(["first_latency_us": [], "second_latency_us": []])])
        var results = RuntimeResults()
        results.functions = RuntimeFunctions.figures([("echo", echo), ("Ledger", ledger), ("Worker", worker)])
        let tables = RuntimeTables(results: results, names: []).all
        #expect(tables.map(\.rows.count) == [2, 2])
        #expect(tables[0].rows[1] == ["Worker", "6.00", "3.00", "2.00", "2.00", "4.00"])
        #expect(tables[1].rows[1] == ["Worker", "4.00", "1.50", "1.00", "4.0"])
        #expect(results.goals.map(\.isReached) == [true, false])
    }

    @Test("nothing measured makes no table")
    func nothing() {
        #expect(RuntimeTables(results: RuntimeResults(), names: ["echo"]).all.isEmpty)
    }
}

@Suite("Runtime benchmark: machine") struct RuntimeMachineTests {
    @Test("the processor is what the kernel calls it, and unnamed where it names none")
    func processor() {
        #expect(RuntimeMachine.processor("processor\t: 0\nmodel name\t: AMD: EPYC\nmodel name\t: B\n") == "AMD: EPYC")
        #expect(RuntimeMachine.processor("processor\t: 0\nBogoMIPS\t: 50.00\n") == "unnamed processor")
    }

    @Test("versions are found in what Swift and the native libraries' list say")
    func versions() {
        let table = "library\tversion\nlibcurl\t7.88.1-10\nlibpq\t15\nopenssl\t3.0.22\n"
        #expect(RuntimeMachine.swiftVersion(["swift-driver", "Swift version 6.3 (x)", "Target: y"]) == ["Swift 6.3"])
        #expect(RuntimeMachine.swiftVersion([]) == [])
        #expect(RuntimeMachine.nativeVersions(table) == ["libcurl 7.88.1-10", "openssl 3.0.22"])
    }
}
