import Foundation
import LocalEmulator
import PostgresClient

/// Looks up the side effects that a fixture expects.
struct FixtureEffects {
    let stack: LocalStack

    /// What differs, one line each; a kind of effect that the fixture does not mention is not looked at.
    func differences(_ expected: JSONValue) throws -> [String] {
        var lines: [String] = []
        for (name, wanted) in members(expected["journal"]) {
            lines += JSONMatcher.differences(wanted, try journal(name), path: "journal.\(name)")
        }
        for (name, wanted) in members(expected["streams"]) {
            let records = stack.aws.streams.allRecords(stream: physical(name)).map { record in
                (try? JSONValue(parsing: record.data)) ?? .string(record.data.base64EncodedString())
            }
            lines += JSONMatcher.differences(wanted, .array(records), path: "streams.\(name)")
        }
        for (name, wanted) in members(expected["queues"]) {
            let bodies = stack.aws.queues.messages(queue: physical(name)).map { JSONValue.string($0.body) }
            lines += JSONMatcher.differences(wanted, .array(bodies), path: "queues.\(name)")
        }
        for (name, wanted) in members(expected["topics"]) {
            let messages = stack.aws.topics.published(LocalNames.defaultAccount.arn("sns", physical(name)))
            let document = JSONValue.array(
                messages.map { ["subject": $0.subject.map { .string($0) } ?? .null, "message": .string($0.message)] })
            lines += JSONMatcher.differences(wanted, document, path: "topics.\(name)")
        }
        for (name, wanted) in members(expected["buckets"]) {
            let keys = stack.aws.buckets.keys(bucket: physical(name)).map { JSONValue.string($0) }
            lines += JSONMatcher.differences(wanted, .array(keys), path: "buckets.\(name)")
        }
        for (charge, wanted) in members(expected["provider"]) {
            lines += JSONMatcher.differences(wanted, provider(charge), path: "provider.\(charge)")
        }
        for (index, query) in (expected["databases"]?.arrayValue ?? []).enumerated() {
            lines += JSONMatcher.differences(
                query["rows"] ?? [], try rows(query), path: "databases[\(index)].rows")
        }
        return lines
    }

    private func members(_ value: JSONValue?) -> [(key: String, value: JSONValue)] {
        (value?.objectValue ?? [:]).sorted { $0.key < $1.key }
    }

    private func physical(_ name: String) -> String { stack.model.physicalNames[name] ?? name }

    /// The envelopes of one stream, in order of their versions.
    private func journal(_ stream: String) throws -> JSONValue {
        let items = stack.aws.tables.scan(table: physical("EventsTable"))
            .filter { $0["stream_id"]?["S"]?.stringValue == stream }
            .compactMap { item -> JSONValue? in
                (item["envelope"]?["S"]?.stringValue).flatMap { try? JSONValue(parsing: Data($0.utf8)) }
            }
        return .array(items.sorted { ($0["version"]?.intValue ?? 0) < ($1["version"]?.intValue ?? 0) })
    }

    private func provider(_ charge: String) -> JSONValue? {
        let state = stack.sandbox.currentState().charges[charge] ?? .none
        guard let state else { return ["payment_intents": 0, "charges_succeeded": 0, "refunds": 0] }
        return [
            "payment_intents": .integer(Int64(state.paymentIntents)),
            "charges_succeeded": .integer(Int64(state.chargesSucceeded)), "refunds": .integer(Int64(state.refunds)),
        ]
    }

    /// The result of a query that returns one JSON document per row in a column `row`.
    private func rows(_ query: JSONValue) throws -> JSONValue {
        let role = query["database"]?.stringValue ?? ""
        guard let parameters = stack.databases[role], let sql = query["sql"]?.stringValue else {
            throw FixtureError(file: "databases", reason: "needs database (payment or ledger) and sql")
        }
        let connection = try PostgresConnection(parameters: parameters)
        let result = try connection.query("SELECT to_jsonb(result)::text AS row FROM (\(sql)) AS result")
        return .array(try result.rows.map { try JSONValue(parsing: Data(try $0.text("row").utf8)) })
    }
}
