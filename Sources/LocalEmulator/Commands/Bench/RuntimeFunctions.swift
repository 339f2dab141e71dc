import Foundation
import LocalEmulator

/// The start of one real function, compared with the echo's.
struct RuntimeFunctionFigures: Sendable, Equatable {
    let name: String
    /// Exec to first `next`, in milliseconds; what other servers took to answer is part of it.
    let firstNextMilliseconds: Double
    /// CPU time of the function alone until then.
    let startCPUMilliseconds: Double
    /// The first figure divided by the echo's.
    let ratio: Double
    /// The second one divided by the echo's.
    let cpuRatio: Double

    var document: JSONValue {
        [
            "name": .string(name), "first_next_milliseconds": .number(firstNextMilliseconds),
            "start_cpu_milliseconds": .number(startCPUMilliseconds), "ratio": .number(ratio),
            "cpu_ratio": .number(cpuRatio),
        ]
    }
}

/// Measures the start of the real functions against real servers: secrets are read and databases connected to as in
/// production, so nothing of init is left out; only the network is loopback.
struct RuntimeFunctions {
    private static let arguments = ["--event", "sqs", "--stop-at-next", "--starts", "5"]

    let harness: RuntimeHarness
    let echo: RuntimeContender
    let stack: LocalStack

    func measure(_ plan: RuntimePlan, progress: (String) -> Void) throws -> [RuntimeFunctionFigures] {
        let functions = try stack.model.functions.sorted { $0.name < $1.name }.map(contender)
        let contenders = [echo] + functions
        var reports = [[RuntimeHarnessReport]](repeating: [], count: contenders.count)
        for (number, round) in plan.rounds.enumerated() {
            progress("functions, round \(number + 1) of \(plan.rounds.count)")
            for step in round {
                reports[step.contender].append(
                    try harness.measure(
                        contenders[step.contender], subject: step.subject.rawValue, arguments: Self.arguments))
            }
        }
        let figures = reports.map(RuntimeFigures.init)
        return zip(contenders, figures).dropFirst().map { contender, own in
            RuntimeFunctionFigures(
                name: contender.name, firstNextMilliseconds: own.firstNextMilliseconds,
                startCPUMilliseconds: own.startCPUMilliseconds,
                ratio: own.firstNextMilliseconds / figures[0].firstNextMilliseconds,
                cpuRatio: own.startCPUMilliseconds / figures[0].startCPUMilliseconds)
        }
    }

    private func contender(_ function: FunctionDefinition) throws -> RuntimeContender {
        var contender = try RuntimeContenders.built(function.name, as: function.name)
        contender.variables = function.variables
        contender.variables["AWS_ENDPOINT_URL"] = stack.aws.endpoint
        return contender
    }
}
