import Foundation
import HTTPClient
import LocalEmulator
import PostgresClient

/// A stack on which single events are tried: nothing moves in it but the function that is invoked.
final class FixtureStage {
    let stack: LocalStack
    private var variables: [String: String] = [:]
    private let loop = EventLoop()

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

    /// Sets up what a fixture says is given, and runs its event.
    ///
    /// Services start empty but for the seed; the databases keep what earlier fixtures left, so each fixture uses
    /// charge ids of its own.
    func invoke(_ fixture: Fixture) throws -> InvocationResult {
        try stack.resetServices()
        variables = [:]
        try prepare(fixture)
        return try deliver(fixture.event, to: fixture.function, fixture)
    }

    /// What differs between expectation and outcome, one line each.
    func differences(_ fixture: Fixture, _ result: InvocationResult) throws -> [String] {
        guard let expected = fixture.expected else { return [] }
        let resolved = try substitute(expected, fixture)
        var lines: [String] = []
        let payload = try? JSONValue(parsing: result.payload)
        if let error = resolved["error"] {
            if result.functionError == nil { lines.append("expected an error, found a response") }
            lines += JSONMatcher.differences(error, payload, path: "error")
        } else if let message = result.errorMessage {
            lines.append("the function failed: \(message)")
        }
        if let response = resolved["response"] {
            lines += JSONMatcher.differences(response, payload, path: "response")
        }
        return try lines + FixtureEffects(stack: stack).differences(resolved)
    }

    private func prepare(_ fixture: Fixture) throws {
        for call in fixture.given["provider"]?.arrayValue ?? [] { try callProvider(call, fixture) }
        for (name, entries) in try substitute(fixture.given["tables"] ?? [:], fixture).objectValue ?? [:] {
            let table = stack.model.physicalNames[name] ?? name
            for entry in entries.arrayValue ?? [] { try stack.aws.tables.putItem(table: table, item: entry) }
        }
        for envelope in try substitute(fixture.given["journal"] ?? [], fixture).arrayValue ?? [] {
            try stack.aws.tables.putItem(
                table: stack.model.physicalNames["EventsTable"] ?? "EventsTable", item: Self.journalItem(envelope))
        }
        for (name, content) in fixture.given["settlements"]?.objectValue ?? [:] {
            try Data((content.stringValue ?? "").utf8)
                .write(to: URL(fileURLWithPath: stack.settlementDirectory + "/" + name))
        }
        for step in fixture.given["invocations"]?.arrayValue ?? [] {
            let file = ((fixture.file as NSString).deletingLastPathComponent as NSString)
                .appendingPathComponent(step["event"]?.stringValue ?? "")
            let earlier = try Fixture(eventFile: file, function: step["function"]?.stringValue)
            let result = try deliver(earlier.event, to: earlier.function, fixture)
            if let message = result.errorMessage {
                throw FixtureError(file: fixture.file, reason: "given \(file): \(message)")
            }
        }
    }

    private func deliver(_ event: String, to function: String, _ fixture: Fixture) throws -> InvocationResult {
        let document = try signed(substitute(JSONValue(parsing: Data(event.utf8)), fixture))
        return try stack.host.invoke(function, InvocationRequest(payload: document.serialized()))
    }

    /// A webhook's signature covers the time, so it is made when the event is sent.
    private func signed(_ event: JSONValue) -> JSONValue {
        guard event["headers"]?["stripe-signature"] == "${stripe_signature}", var headers = event["headers"] else {
            return event
        }
        var event = event
        let body = Data((event["body"]?.stringValue ?? "").utf8)
        headers["stripe-signature"] = .string(stack.sandbox.signatureHeader(of: body))
        event["headers"] = headers
        return event
    }

    private static func journalItem(_ envelope: JSONValue) -> JSONValue {
        [
            "stream_id": ["S": envelope["stream_id"] ?? ""],
            "version": ["N": .string(String(envelope["version"]?.intValue ?? 0))],
            "event_id": ["S": envelope["event_id"] ?? ""], "type": ["S": envelope["type"] ?? ""],
            "merchant_id": ["S": envelope["merchant_id"] ?? ""], "envelope": ["S": .string(envelope.text)],
        ]
    }

    private func callProvider(_ call: JSONValue, _ fixture: Fixture) throws {
        let call = try substitute(call, fixture)
        let form = (call["form"]?.objectValue ?? [:]).sorted { $0.key < $1.key }.map { name, value in
            let allowed = CharacterSet.alphanumerics
            let text = value.stringValue ?? value.text
            return (name.addingPercentEncoding(withAllowedCharacters: allowed) ?? name) + "="
                + (text.addingPercentEncoding(withAllowedCharacters: allowed) ?? text)
        }.joined(separator: "&")
        let request = HTTPServerRequest(
            method: "POST", target: call["path"]?.stringValue ?? "/",
            headers: [
                "Authorization": "Bearer \(stack.sandboxKey)", "Content-Type": "application/x-www-form-urlencoded",
                "Idempotency-Key": call["idempotency_key"]?.stringValue ?? UUID().uuidString,
            ], body: Data(form.utf8))
        guard case .reply(_, _, let body) = stack.sandbox.handle(request), let answer = try? JSONValue(parsing: body)
        else { throw FixtureError(file: fixture.file, reason: "given provider call has no answer") }
        for (name, member) in call["save"]?.objectValue ?? [:] {
            guard let value = answer[member.stringValue ?? ""]?.stringValue else {
                throw FixtureError(
                    file: fixture.file, reason: "provider's answer has no \(member.text): \(answer.text)")
            }
            variables[name] = value
        }
    }

    /// Replaces `${name}` by what a provider call saved under that name.
    private func substitute(_ value: JSONValue, _ fixture: Fixture) throws -> JSONValue {
        guard !variables.isEmpty else { return value }
        var text = value.text
        for (name, value) in variables { text = text.replacingOccurrences(of: "${\(name)}", with: value) }
        return try JSONValue(parsing: Data(text.utf8))
    }
}
