import Foundation
import LocalEmulator

/// `fincore bench runtime`: bootstraps behind the same small Runtime API, one after the other on one CPU.
struct RuntimeBenchmark {
    /// Invocations over which the memory must stay flat.
    private static let memoryInvocations = 1_000_000

    let options: RuntimeBenchmarkOptions

    func run(_ console: Console) throws -> Int32 {
        let directory = try RunDirectory("bench")
        defer { directory.remove() }
        Interruption.onInterruption(ProgramRun.endCurrent)
        let harness = RuntimeHarness(
            program: try RuntimePrograms.harness(), logFile: directory.path + "/logs/bootstraps.log")
        console.progress("seed \(options.seed)")
        do {
            let contenders = try RuntimeContenders(options.bootstraps).all
            let results = try measure(harness, contenders, directory: directory.path, console)
            report(results, names: contenders.map(\.name), console)
            return ExitCode.success
        } catch let refusal as RuntimeRefusal {
            console.error("\(refusal)")
            return ExitCode.failure
        }
    }

    private func measure(
        _ harness: RuntimeHarness, _ contenders: [RuntimeContender], directory: String, _ console: Console
    ) throws -> RuntimeResults {
        var results = RuntimeResults()
        results.unread = try notReading(RuntimeProof(harness: harness, directory: directory), contenders)
        results.compared = try compare(harness, contenders, console)
        let echo = contenders[0]
        if options.subjects.contains(.memory) {
            console.progress("\(Self.memoryInvocations) invocations of the \(echo.name)")
            results.resident =
                try harness.measure(
                    echo, subject: RuntimeSubject.memory.rawValue,
                    arguments: ["--event", "sqs", "--warmup", "0", "--count", "\(Self.memoryInvocations)"]
                ).resident
        }
        if options.subjects.contains(.tls) {
            console.progress("first TLS requests")
            results.tls = try RuntimeTLS(harness: harness, directory: directory).measure()
        }
        if options.subjects.contains(.functions) {
            results.functions = try startFunctions(harness, echo, directory: directory, console)
        }
        return results
    }

    /// The names of those who do not read what they are sent.
    ///
    /// - Throws: ``RuntimeRefusal`` for one that has to.
    private func notReading(_ proof: RuntimeProof, _ contenders: [RuntimeContender]) throws -> [String] {
        try contenders.compactMap { contender in
            guard let objection = try proof.objection(to: contender) else { return nil }
            guard !contender.isEcho else {
                throw RuntimeRefusal(contender: contender.name, subject: "proof", reason: objection)
            }
            return contender.name
        }
    }

    private func compare(
        _ harness: RuntimeHarness, _ contenders: [RuntimeContender], _ console: Console
    ) throws -> [RuntimeSubject: [String: RuntimeFigures]] {
        let subjects = RuntimeSubject.allCases.filter { $0.isCompared && options.subjects.contains($0) }
        guard !subjects.isEmpty else { return [:] }
        let plan = RuntimePlan(
            rounds: options.rounds, subjects: subjects, contenders: contenders.count, seed: options.seed)
        var reports: [RuntimePlan.Step: [RuntimeHarnessReport]] = [:]
        for (number, round) in plan.rounds.enumerated() {
            console.progress("round \(number + 1) of \(plan.rounds.count)")
            for step in round {
                let contender = contenders[step.contender]
                var arguments = step.subject.comparison ?? []
                if step.subject == .evicted { arguments += contender.files.flatMap { ["--evict", $0] } }
                let report = try harness.measure(contender, subject: step.subject.rawValue, arguments: arguments)
                reports[step, default: []].append(report)
            }
        }
        var figures: [RuntimeSubject: [String: RuntimeFigures]] = [:]
        for (step, reports) in reports {
            figures[step.subject, default: [:]][contenders[step.contender].name] = RuntimeFigures(reports)
        }
        return figures
    }

    private func startFunctions(
        _ harness: RuntimeHarness, _ echo: RuntimeContender, directory: String, _ console: Console
    ) throws -> [RuntimeFunctionFigures] {
        var stackOptions = ProjectFiles.stackOptions(dataDirectory: directory)
        stackOptions.runsEventSources = false
        let stack = try LocalStack(stackOptions, progress: { console.progress($0) })
        Interruption.onInterruption(stack.stop)
        defer { stack.stop() }
        let plan = RuntimePlan(
            rounds: options.rounds, subjects: [.functions], contenders: stack.model.functions.count + 1,
            seed: options.seed)
        return try RuntimeFunctions(harness: harness, echo: echo, stack: stack).measure(plan) { console.progress($0) }
    }

    private func report(_ results: RuntimeResults, names: [String], _ console: Console) {
        guard options.isJSON else {
            for line in RuntimeTables(results: results, names: names).lines(console) { console.print(line) }
            return
        }
        let compared = results.compared.map { subject, figures in
            (subject.rawValue, JSONValue.object(figures.mapValues(\.document)))
        }
        let document: JSONValue = [
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
        console.print(document.text)
    }
}
