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
        let harness = RuntimeHarness(
            program: try RuntimePrograms.harness(), logFile: directory.path + "/logs/bootstraps.log")
        console.progress("seed \(options.seed)")
        do {
            let contenders = try RuntimeContenders(options.bootstraps)
            // Before anything is measured: afterwards the load is this program's own.
            let machine = try RuntimeMachine.current(pythonVersions: contenders.pythonVersions)
            let results = try measure(harness, contenders.all, directory: directory.path, console)
            let report = RuntimeReport(
                options: options, machine: machine, results: results, names: contenders.all.map(\.name))
            for line in report.lines(console) { console.print(line) }
            let isMissed = results.goals.contains { !$0.isReached }
            return options.isStrict && isMissed ? ExitCode.failure : ExitCode.success
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
        let compared = try comparisons(contenders, directory: directory)
        let tls = options.subjects.contains(.tls) ? try RuntimeTLS(directory: directory) : nil
        defer { tls?.stop() }
        let tlsMeasurements = tls?.measurements ?? []
        let figures = try measureRounds(compared + tlsMeasurements, harness, "", console)
        for (measurement, figures) in zip(compared, figures) {
            results.compared[measurement.subject, default: [:]][measurement.contender.name] = figures
        }
        results.tls = RuntimeTLS.figures(Self.named(tlsMeasurements, Array(figures.dropFirst(compared.count))))
        if options.subjects.contains(.memory) {
            console.progress("\(Self.memoryInvocations) invocations of the \(contenders[0].name)")
            results.resident =
                try harness.measure(
                    contenders[0], subject: RuntimeSubject.memory.rawValue,
                    arguments: ["--event", "sqs", "--warmup", "0", "--count", "\(Self.memoryInvocations)"]
                ).resident
        }
        if options.subjects.contains(.functions) {
            results.functions = try measureFunctions(harness, contenders[0], directory: directory, console)
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

    /// Every bootstrap in every subject in which they are compared.
    private func comparisons(_ contenders: [RuntimeContender], directory: String) throws -> [RuntimeMeasurement] {
        try contenders.enumerated().flatMap { number, contender in
            // In a file: an interpreter reads more of them than a command line should hold.
            let list = "\(directory)/files-\(number)"
            try Data(contender.files.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: list))
            return RuntimeSubject.allCases.filter(options.subjects.contains).compactMap { subject in
                subject.comparison.map { arguments in
                    RuntimeMeasurement(
                        subject: subject, contender: contender,
                        arguments: arguments + (subject == .evicted ? ["--evict-list", list] : []))
                }
            }
        }
    }

    /// The figures of each measurement, in their order.
    private func measureRounds(
        _ measurements: [RuntimeMeasurement], _ harness: RuntimeHarness, _ what: String, _ console: Console
    ) throws -> [RuntimeFigures] {
        guard !measurements.isEmpty else { return [] }
        let plan = RuntimePlan(rounds: options.rounds, measurements: measurements.count, seed: options.seed)
        var reports = [[RuntimeHarnessReport]](repeating: [], count: measurements.count)
        for (number, round) in plan.rounds.enumerated() {
            console.progress("\(what)round \(number + 1) of \(plan.rounds.count)")
            for index in round {
                let measurement = measurements[index]
                reports[index].append(
                    try harness.measure(
                        measurement.contender, subject: measurement.subject.rawValue, arguments: measurement.arguments))
            }
        }
        return reports.map(RuntimeFigures.init)
    }

    private func measureFunctions(
        _ harness: RuntimeHarness, _ echo: RuntimeContender, directory: String, _ console: Console
    ) throws -> [RuntimeFunctionFigures] {
        var stackOptions = ProjectFiles.stackOptions(dataDirectory: directory)
        stackOptions.runsEventSources = false
        let stack = try LocalStack(stackOptions, progress: { console.progress($0) })
        Interruption.onInterruption(stack.stop)
        defer { stack.stop() }
        let functions = try RuntimeFunctions(echo: echo, stack: stack, directory: directory).measurements()
        return RuntimeFunctions.figures(
            Self.named(functions, try measureRounds(functions, harness, "functions, ", console)))
    }

    private static func named(
        _ measurements: [RuntimeMeasurement], _ figures: [RuntimeFigures]
    ) -> [(name: String, figures: RuntimeFigures)] {
        zip(measurements, figures).map { ($0.contender.name, $1) }
    }
}
