import Foundation
import LocalEmulator

/// The start and the first invocation of one real function; the echo's stand beside them.
struct RuntimeFunctionFigures: Sendable, Equatable {
    let name: String
    let own: RuntimeFigures
    let echo: RuntimeFigures

    /// Exec to first `next` divided by the echo's.
    var ratio: Double { own.firstNextMilliseconds / echo.firstNextMilliseconds }
    /// CPU time until then divided by the echo's.
    var cpuRatio: Double { own.startCPUMilliseconds / echo.startCPUMilliseconds }
    /// Whether it was given events.
    var wasInvoked: Bool { own.p50Microseconds > 0 }

    var document: JSONValue {
        var document = own.document
        document["name"] = .string(name)
        document["ratio"] = .number(ratio)
        document["cpu_ratio"] = .number(cpuRatio)
        return document
    }
}

/// The real functions against real servers: secrets are read and databases connected to as in production, so nothing of
/// init is left out; only the network is loopback.
struct RuntimeFunctions {
    /// An event that a function can be sent again and again, because it changes nothing.
    private struct RepeatableEvent {
        let function: String
        /// A fixture below `events/`.
        let fixture: String
        /// What is in a right answer.
        let answer: String
    }

    private static let starts = ["--starts", "5"]
    private static let invocations = ["--warmup", "2", "--count", "20"]
    /// A question about a charge that does not exist, one about risk, and the job of a finished charge.
    private static let events = [
        RepeatableEvent(
            function: "PaymentService", fixture: "payment-service/unknown-charge.json", answer: #""statusCode":404"#),
        RepeatableEvent(
            function: "RiskEngine", fixture: "risk-engine/approve.json", answer: #""engine":"evaluated""#),
        RepeatableEvent(
            function: "Worker", fixture: "worker/charge-finished.json", answer: #"{"batchItemFailures":[]}"#),
    ]

    let echo: RuntimeContender
    let stack: LocalStack
    /// Where events are written.
    let directory: String

    /// The echo first, then every function in the order of their names.
    func measurements() throws -> [RuntimeMeasurement] {
        let reference = RuntimeMeasurement(
            subject: .functions, contender: echo, arguments: ["--event", "sqs"] + Self.starts + Self.invocations)
        return [reference] + (try stack.model.functions.sorted { $0.name < $1.name }.map(measurement))
    }

    /// What was measured, in the order of the measurements.
    static func figures(_ measured: [(name: String, figures: RuntimeFigures)]) -> [RuntimeFunctionFigures] {
        guard let echo = measured.first?.figures else { return [] }
        return measured.dropFirst().map { RuntimeFunctionFigures(name: $0.name, own: $0.figures, echo: echo) }
    }

    private func measurement(_ function: FunctionDefinition) throws -> RuntimeMeasurement {
        var contender = try RuntimeContenders.built(function.name, as: function.name)
        contender.variables = function.variables
        contender.variables["AWS_ENDPOINT_URL"] = stack.aws.endpoint
        guard let event = Self.events.first(where: { $0.function == function.name }) else {
            return RuntimeMeasurement(
                subject: .functions, contender: contender, arguments: ["--stop-at-next"] + Self.starts)
        }
        let fixture = try Fixture(eventFile: "\(ProjectFiles.root)/events/\(event.fixture)")
        let variables = FixtureVariables(file: fixture.file)
        for envelope in try variables.substitute(fixture.given)["journal"]?.arrayValue ?? [] {
            try stack.aws.tables.putItem(
                table: try stack.physicalName(FixtureStage.journalTable, fixture.file),
                item: FixtureStage.journalItem(envelope))
        }
        let file = "\(directory)/\(function.name).json"
        try variables.substitute(fixture.event).serialized().write(to: URL(fileURLWithPath: file))
        return RuntimeMeasurement(
            subject: .functions, contender: contender,
            arguments: ["-e", file, "--expect", event.answer] + Self.starts + Self.invocations)
    }
}
