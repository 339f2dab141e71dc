import Foundation
import HTTPClient
import LocalEmulator

/// A stack on which single events are tried: nothing moves in it but the function that is invoked.
final class FixtureStage {
    /// The template's name of the table that the journal is in.
    static let journalTable = "EventsTable"

    private let stack: LocalStack
    private var settlementFiles: [String] = []

    init(
        directory: String, progress: @escaping @Sendable (String) -> Void,
        onEvent: @escaping @Sendable (StackEvent) -> Void
    ) throws {
        var options = ProjectFiles.stackOptions(dataDirectory: directory)
        options.runsEventSources = false
        options.sendsWebhooks = false
        stack = try LocalStack(options, progress: progress, onEvent: onEvent)
    }

    func stop() {
        stack.stop()
    }

    /// What came of a fixture's event.
    struct Outcome {
        let result: InvocationResult
        /// What the fixture's placeholders stood for.
        let variables: FixtureVariables
    }

    /// Sets up what a fixture says is given, and runs its event.
    ///
    /// The AWS services start empty but for the seed. The databases, Redis and the PSP keep what earlier fixtures left,
    /// so each fixture uses charge ids and idempotency keys of its own.
    func invoke(_ fixture: Fixture) throws -> Outcome {
        try stack.resetServices()
        for file in settlementFiles { try FileManager.default.removeItem(atPath: file) }
        settlementFiles = []
        var variables = FixtureVariables(file: fixture.file)
        variables.set("settlement_directory", stack.settlementDirectory)
        try prepare(fixture, &variables)
        let result = try deliver(fixture.event, to: fixture.function, variables)
        return Outcome(result: result, variables: variables)
    }

    /// What differs between expectation and outcome, one line each.
    func differences(_ fixture: Fixture, _ outcome: Outcome) throws -> [String] {
        guard let expected = try fixture.expected.map(outcome.variables.substitute) else { return [] }
        var matcher = JSONMatcher()
        var lines: [String] = []
        let payload = try? JSONValue(parsing: outcome.result.payload)
        if let error = expected["error"] {
            if outcome.result.functionError == nil { lines.append("expected an error, found a response") }
            lines += matcher.differences(error, payload, path: "error")
        } else if let message = outcome.result.errorMessage {
            lines.append("the function failed: \(message)")
        }
        if let response = expected["response"] {
            lines += matcher.differences(response, payload, path: "response")
        }
        return try lines + FixtureEffects(stack: stack, file: fixture.file).differences(expected, &matcher)
    }

    // MARK: - What is given

    private func prepare(_ fixture: Fixture, _ variables: inout FixtureVariables) throws {
        for call in fixture.given["provider"]?.arrayValue ?? [] {
            try callProvider(try variables.substitute(call), fixture, &variables)
        }
        let given = try variables.substitute(fixture.given)
        for (name, items) in given["tables"]?.objectValue ?? [:] {
            let table = try stack.physicalName(name, fixture.file)
            for item in items.arrayValue ?? [] { try stack.aws.tables.putItem(table: table, item: item) }
        }
        for envelope in given["journal"]?.arrayValue ?? [] {
            let table = try stack.physicalName(Self.journalTable, fixture.file)
            try stack.aws.tables.putItem(table: table, item: Self.journalItem(envelope))
        }
        for (name, content) in given["settlements"]?.objectValue ?? [:] {
            let path = stack.settlementDirectory + "/" + name
            try Data((content.stringValue ?? "").utf8).write(to: URL(fileURLWithPath: path))
            settlementFiles.append(path)
            // The server that hands the file out runs as another user.
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        }
        for step in given["invocations"]?.arrayValue ?? [] { try invoke(step, before: fixture, variables) }
    }

    /// Runs an earlier event: one written out, or that of another fixture.
    private func invoke(_ step: JSONValue, before fixture: Fixture, _ variables: FixtureVariables) throws {
        var event = step["event"] ?? .null
        if let name = event.stringValue {
            let directory = (fixture.file as NSString).deletingLastPathComponent as NSString
            event = try Fixture(eventFile: directory.appendingPathComponent(name), function: fixture.function).event
        }
        let function = step["function"]?.stringValue ?? fixture.function
        let result = try deliver(event, to: function, variables)
        guard let message = result.errorMessage else { return }
        throw FixtureError(file: fixture.file, reason: "given invocation of \(function): \(message)")
    }

    /// An event of the journal as its table holds it.
    static func journalItem(_ envelope: JSONValue) -> JSONValue {
        [
            "stream_id": ["S": envelope["stream_id"] ?? ""],
            "version": ["N": .string(String(envelope["version"]?.intValue ?? 0))],
            "event_id": ["S": envelope["event_id"] ?? ""], "type": ["S": envelope["type"] ?? ""],
            "merchant_id": ["S": envelope["merchant_id"] ?? ""], "envelope": ["S": .string(envelope.text)],
        ]
    }

    private func callProvider(_ call: JSONValue, _ fixture: Fixture, _ variables: inout FixtureVariables) throws {
        var form = URLComponents()
        form.queryItems = (call["form"]?.objectValue ?? [:]).sorted { $0.key < $1.key }.map { name, value in
            URLQueryItem(name: name, value: value.stringValue ?? value.text)
        }
        let request = HTTPServerRequest(
            method: "POST", target: call["path"]?.stringValue ?? "/",
            headers: [
                "Authorization": "Bearer \(stack.sandboxKey)", "Content-Type": "application/x-www-form-urlencoded",
                "Idempotency-Key": call["idempotency_key"]?.stringValue ?? UUID().uuidString,
            ], body: Data((form.percentEncodedQuery ?? "").replacing("+", with: "%2B").utf8))
        guard case .reply(_, _, let body) = stack.sandbox.handle(request), let answer = try? JSONValue(parsing: body)
        else { throw FixtureError(file: fixture.file, reason: "given provider call has no answer") }
        for (name, member) in call["save"]?.objectValue ?? [:] {
            guard let value = answer[member.stringValue ?? ""]?.stringValue else {
                throw FixtureError(
                    file: fixture.file, reason: "the provider's answer has no \(member.text): \(answer.text)")
            }
            variables.set(name, value)
        }
    }

    // MARK: - The event

    private func deliver(
        _ event: JSONValue, to function: String, _ variables: FixtureVariables
    ) throws -> InvocationResult {
        var variables = variables
        // A webhook's signature covers its body and the time, so it is made when the event is sent.
        if let body = try event["body"].map(variables.substitute)?.stringValue {
            variables.set("stripe_signature", stack.sandbox.signatureHeader(of: Data(body.utf8)))
        }
        return try stack.host.invoke(
            function, InvocationRequest(payload: variables.substitute(event).serialized()))
    }
}
