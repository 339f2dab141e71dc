import Foundation
import LocalEmulator
import Testing

@testable import fincore

/// A line as the harness prints it.
func harnessReport(_ members: [String: JSONValue]) throws -> RuntimeHarnessReport {
    let complete: [String: JSONValue] = [
        "event_bytes": 949, "cpu": 1, "first_next_ms": [1.0], "first_response_ms": [1.5], "start_cpu_ms": [0.8],
        "first_latency_us": [90.0], "second_latency_us": [40.0], "peak_rss_kb": 4096, "rss_kb": [],
        "wrong_responses": 0,
    ]
    let line = JSONValue.object(complete.merging(members) { _, new in new })
    return try JSONDecoder().decode(RuntimeHarnessReport.self, from: line.serialized())
}

@Suite("Runtime benchmark: options") struct RuntimeBenchmarkOptionsTests {
    private func options(_ words: [String]) throws -> RuntimeBenchmarkOptions {
        var arguments = Arguments(words)
        let options = try RuntimeBenchmarkOptions(&arguments, isJSON: false)
        try arguments.finish()
        return options
    }

    private func error(_ words: [String]) -> String? {
        do {
            _ = try options(words)
            return nil
        } catch {
            return (error as? UsageError)?.message
        }
    }

    @Test("what is not said is all but the real functions, in 21 rounds, as tables, whatever the goals say")
    func defaults() throws {
        let options = try options([])
        #expect(options.rounds == 21)
        #expect(options.subjects == [.start, .evicted, .sqs, .kinesis, .large, .tls, .memory])
        #expect(options.bootstraps.isEmpty)
        #expect(options.output == .tables)
        #expect(!options.isStrict)
    }

    @Test("subjects, rounds, seed and bootstraps are taken as given")
    func given() throws {
        let options = try options([
            "--only", "sqs,functions", "--rounds", "3", "--seed", "7", "--bootstrap", "go=/a/go", "--bootstrap",
            "echo=/b=c", "--markdown", "--strict",
        ])
        #expect(options.subjects == [.sqs, .functions])
        #expect(options.rounds == 3)
        #expect(options.seed == 7)
        #expect(options.bootstraps == [.init(name: "go", path: "/a/go"), .init(name: "echo", path: "/b=c")])
        #expect(options.output == .markdown)
        #expect(options.isStrict)
    }

    @Test("a document is either JSON or Markdown")
    func outputs() throws {
        var arguments = Arguments(["--markdown"])
        #expect(throws: UsageError.self) { try RuntimeBenchmarkOptions(&arguments, isJSON: true) }
        var none = Arguments([])
        #expect(try RuntimeBenchmarkOptions(&none, isJSON: true).output == .json)
    }

    @Test("what is wrong with a call is said")
    func errors() {
        let names = "start, evicted, sqs, kinesis, large, tls, memory, functions"
        #expect(error(["--only", "sqs,"]) == "--only takes \(names), not \"\"")
        #expect(error(["--only", "SQS"]) == "--only takes \(names), not \"SQS\"")
        #expect(error(["--rounds", "0"]) == "--rounds takes a number from 1 to 1000, not \"0\"")
        #expect(error(["--bootstrap", "go"]) == "--bootstrap takes NAME=PATH, not \"go\"")
        #expect(error(["--bootstrap", "=/go"]) == "--bootstrap takes NAME=PATH, not \"=/go\"")
        #expect(error(["--bootstrap", "go="]) == "--bootstrap takes NAME=PATH, not \"go=\"")
        #expect(error(["--bootstrap", "go=/a", "--bootstrap", "go=/b"]) == "--bootstrap names go twice")
    }
}

@Suite("Runtime benchmark: order of measuring") struct RuntimePlanTests {
    private func plan(seed: UInt64) -> RuntimePlan { RuntimePlan(rounds: 20, measurements: 6, seed: seed) }

    @Test("each round measures everything exactly once")
    func complete() {
        let plan = plan(seed: 1)
        #expect(plan.rounds.count == 20)
        for round in plan.rounds { #expect(round.sorted() == Array(0..<6)) }
    }

    @Test("rounds differ in their order, and a seed gives the same orders again")
    func shuffled() {
        #expect(Set(plan(seed: 1).rounds).count > 10)
        #expect(plan(seed: 1).rounds == plan(seed: 1).rounds)
        #expect(plan(seed: 1).rounds != plan(seed: 2).rounds)
    }

    @Test("the generator gives the published sequence for seed 1234567")
    func generator() {
        var generator = SplitMix64(seed: 1_234_567)
        #expect(generator.next() == 6_457_827_717_110_365_317)
        #expect(generator.next() == 3_203_168_211_198_807_973)
        #expect(generator.next() == 9_817_491_932_198_370_423)
    }
}

@Suite("Runtime benchmark: figures") struct RuntimeFiguresTests {
    @Test("medians: of none, of one, of an odd and of an even number")
    func medians() {
        #expect([Double]().median == 0)
        #expect([3.0].median == 3)
        #expect([9.0, 1, 2].median == 2)
        #expect([4.0, 1, 2, 100].median == 3)
    }

    @Test("a quantile is the value below which that share lies, and never beyond the last")
    func quantiles() {
        let hundred = (1...100).map(Double.init).shuffled()
        #expect(hundred.quantile(0) == 1)
        #expect(hundred.quantile(0.99) == 100)
        #expect(hundred.quantile(1) == 100)
        #expect([Double]().quantile(0.5) == 0)
    }

    @Test("the peak is the highest of all rounds, in bytes")
    func peak() throws {
        let figures = RuntimeFigures(
            try [7_000, 7_813, 6_000].map { try harnessReport(["peak_rss_kb": .integer($0)]) })
        #expect(figures.peakBytes == 8_000_512)
    }

    @Test("waiting is what no CPU time of the bootstrap explains, start by start")
    func waiting() throws {
        let report = try harnessReport(["first_next_ms": [10.0, 4.0, 9.0], "start_cpu_ms": [1.0, 3.0, 2.0]])
        #expect(RuntimeFigures([report]).startWaitMilliseconds == 7)
    }

    @Test("one bad round does not move what is reported")
    func outlier() throws {
        let reports = try [10.0, 11, 900].map { p50 in
            try harnessReport([
                "latency_us": ["min": 1, "p50": .number(p50), "p90": 1, "p99": .number(p50 * 2), "max": 1],
                "first_next_ms": [.number(p50), 1_000, 1],
            ])
        }
        let figures = RuntimeFigures(reports)
        #expect(figures.p50Microseconds == 11)
        #expect(figures.firstInvocationMicroseconds == 90)
        #expect(figures.secondInvocationMicroseconds == 40)
        #expect(figures.p99Microseconds == 22)
        #expect(figures.firstNextMilliseconds == 11)
    }

    @Test("throughput is event bytes over the median time, in millions each second")
    func throughput() throws {
        let report = try harnessReport([
            "event_bytes": 6_000_000, "latency_us": ["min": 1, "p50": 10_000, "p90": 1, "p99": 1, "max": 1],
        ])
        #expect(RuntimeFigures([report]).megabytesPerSecond == 600)
        #expect(RuntimeFigures([try harnessReport([:])]).megabytesPerSecond == 0)
    }

    @Test("wrong answers and failures are objections, good runs are none")
    func objections() throws {
        #expect(try harnessReport([:]).objection == nil)
        #expect(
            try harnessReport(["wrong_responses": 3, "wrong_sample": "{}"]).objection
                == "3 wrong responses, the first one: {}")
        #expect(try harnessReport(["failure": "the bootstrap exited"]).objection == "the bootstrap exited")
    }
}

@Suite("Runtime benchmark: goals") struct RuntimeGoalTests {
    private func figures(p50: Double, response: Double = 1, peakKilobytes: Int64 = 4096, bytes: Int64 = 949) throws
        -> RuntimeFigures
    {
        RuntimeFigures([
            try harnessReport([
                "latency_us": ["min": 1, "p50": .number(p50), "p90": 1, "p99": 1, "max": 1],
                "first_response_ms": [.number(response)], "peak_rss_kb": .integer(peakKilobytes),
                "event_bytes": .integer(bytes),
            ])
        ])
    }

    private func verdicts(_ results: RuntimeResults) -> [String: Bool] {
        Dictionary(uniqueKeysWithValues: results.goals.map { ($0.what, $0.isReached) })
    }

    @Test("ratios are taken against the floor and the peer, and compared with their limits")
    func ratios() throws {
        var results = RuntimeResults()
        results.compared[.start] = [
            "echo": try figures(p50: 1, response: 1.25), "floor": try figures(p50: 1, response: 1),
            "awslambdaric": try figures(p50: 1, response: 20),
        ]
        results.compared[.sqs] = [
            "echo": try figures(p50: 24), "floor": try figures(p50: 20), "awslambdaric": try figures(p50: 80),
        ]
        #expect(
            verdicts(results) == [
                "exec to first response / floor": true, "exec to first response / awslambdaric": false,
                "SQS p50 / floor": false, "SQS p50 / awslambdaric": true, "peak RSS": true,
            ])
    }

    @Test("a missing side of a ratio makes no goal")
    func missing() throws {
        var results = RuntimeResults()
        results.compared[.kinesis] = ["echo": try figures(p50: 1)]
        results.compared[.start] = ["floor": try figures(p50: 1)]
        #expect(verdicts(results) == ["peak RSS": true])
    }

    @Test("8 MB are eight million bytes, in whichever subject with small events the peak was")
    func peak() throws {
        var results = RuntimeResults()
        results.compared[.sqs] = ["echo": try figures(p50: 1, peakKilobytes: 7_812)]
        #expect(verdicts(results) == ["peak RSS": true])
        results.compared[.kinesis] = ["echo": try figures(p50: 1, peakKilobytes: 7_813)]
        #expect(verdicts(results) == ["peak RSS": false])
    }

    @Test("throughput has a lower limit")
    func throughput() throws {
        var results = RuntimeResults()
        results.compared[.large] = ["echo": try figures(p50: 10_000, bytes: 4_900_000)]
        #expect(results.goals.first?.isReached == false)
        results.compared[.large] = ["echo": try figures(p50: 10_000, bytes: 5_000_000)]
        #expect(results.goals.first?.isReached == true)
    }

    @Test("memory is flat when it does not grow after the first ten thousand invocations")
    func flatness() throws {
        var results = RuntimeResults()
        results.resident = [.init(after: 1_000, kilobytes: 3_000), .init(after: 10_000, kilobytes: 5_000)]
        results.resident.append(.init(after: 1_000_000, kilobytes: 5_064))
        #expect(results.goals.first?.isReached == true)
        results.resident[2] = .init(after: 1_000_000, kilobytes: 5_065)
        #expect(results.goals.first?.isReached == false)
    }

    @Test("the goal for TLS is that of a function's own roots, whatever the whole bundle costs")
    func tls() {
        var results = RuntimeResults()
        results.tls = [
            RuntimeTLSFigures(roots: "7 Amazon roots", firstMilliseconds: 4, laterMilliseconds: 1),
            RuntimeTLSFigures(roots: "all", firstMilliseconds: 20, laterMilliseconds: 1),
        ]
        #expect(results.goals.map(\.isReached) == [true])
        #expect(results.goals.map(\.what) == ["first TLS request, 7 Amazon roots"])
    }
}

@Suite("Runtime benchmark: proof of reading") struct RuntimeProofTests {
    @Test("exactly one record asks to fail, under the id that must be reported")
    func questions() throws {
        let messages = RuntimeProof.queueQuestion.event["Records"]?.arrayValue ?? []
        let failing = messages.filter { $0["body"]?.stringValue?.hasPrefix("fail") == true }
        #expect(messages.count == 3)
        #expect(failing.map { $0["messageId"] } == [.string(RuntimeProof.queueQuestion.identifier)])

        let entries = RuntimeProof.streamQuestion.event["Records"]?.arrayValue ?? []
        let failingEntries = entries.filter { entry in
            let data = entry["kinesis"]?["data"]?.stringValue.flatMap { Data(base64Encoded: $0) } ?? Data()
            return data.starts(with: Data("fail".utf8))
        }
        #expect(entries.count == 3)
        #expect(
            failingEntries.map { $0["kinesis"]?["sequenceNumber"] }
                == [.string(RuntimeProof.streamQuestion.identifier)])
    }
}
