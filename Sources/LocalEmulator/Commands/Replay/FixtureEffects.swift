import Foundation
import LocalEmulator
import PostgresClient

/// Looks up the side effects that a fixture expects.
struct FixtureEffects {
    /// The kinds of effects an expectation may name.
    static let members: Set<String> = [
        "journal", "streams", "queues", "topics", "buckets", "tables", "provider", "databases",
    ]

    let stack: LocalStack
    let file: String

    /// What differs, one line each; what the fixture does not mention is not looked at.
    func differences(_ expected: JSONValue, _ matcher: inout JSONMatcher) throws -> [String] {
        var lines: [String] = []
        for (name, wanted) in members(expected["journal"]) {
            guard let stream = matcher.resolved(name) else {
                lines.append("journal.\(name): nothing before it was found under this name")
                continue
            }
            lines += matcher.differences(wanted, journal(stream), path: "journal.\(stream)")
        }
        let services: [(kind: String, found: (String) -> [JSONValue])] = [
            ("streams", records), ("queues", messages), ("topics", notices), ("buckets", objects), ("tables", items),
        ]
        for service in services {
            for (name, wanted) in members(expected[service.kind]) {
                let found = JSONValue.array(service.found(try stack.physicalName(name, file)))
                lines += matcher.differences(wanted, found, path: "\(service.kind).\(name)")
            }
        }
        for (charge, wanted) in members(expected["provider"]) {
            lines += matcher.differences(wanted, provider(charge), path: "provider.\(charge)")
        }
        for (index, query) in (expected["databases"]?.arrayValue ?? []).enumerated() {
            let path = "databases[\(index)].rows"
            guard let wanted = query["rows"] else { throw FixtureError(file: file, reason: "\(path) is missing") }
            lines += matcher.differences(wanted, try rows(query), path: path)
        }
        return lines
    }

    private func members(_ value: JSONValue?) -> [(key: String, value: JSONValue)] {
        (value?.objectValue ?? [:]).sorted { $0.key < $1.key }
    }

    /// The envelopes of one stream, in order of their versions.
    private func journal(_ stream: String) -> JSONValue {
        let table = stack.model.physicalNames[FixtureStage.journalTable] ?? FixtureStage.journalTable
        let items = stack.aws.tables.scan(table: table)
            .filter { $0["stream_id"]?["S"]?.stringValue == stream }
            .compactMap { item -> JSONValue? in
                (item["envelope"]?["S"]?.stringValue).flatMap { try? JSONValue(parsing: Data($0.utf8)) }
            }
        return .array(items.sorted { ($0["version"]?.intValue ?? 0) < ($1["version"]?.intValue ?? 0) })
    }

    /// Ordered by partition key; only within one does a stream keep an order.
    private func records(_ stream: String) -> [JSONValue] {
        let records = stack.aws.streams.allRecords(stream: stream)
        return Dictionary(grouping: records, by: \.partitionKey).sorted { $0.key < $1.key }.flatMap { key, records in
            records.map { ["partitionKey": .string(key), "data": .string(String(decoding: $0.data, as: UTF8.self))] }
        }
    }

    private func messages(_ queue: String) -> [JSONValue] {
        stack.aws.queues.messages(queue: queue).map { message in
            ["body": .string(message.body), "attributes": .object(message.attributes.mapValues { .string($0) })]
        }
    }

    private func notices(_ topic: String) -> [JSONValue] {
        stack.aws.topics.published(LocalNames.defaultAccount.arn("sns", topic)).map { notice in
            ["subject": notice.subject.map { .string($0) } ?? .null, "message": .string(notice.message)]
        }
    }

    private func objects(_ bucket: String) -> [JSONValue] {
        stack.aws.buckets.keys(bucket: bucket).map { key in
            let content = stack.aws.buckets.object(bucket: bucket, key: key) ?? Data()
            return ["key": .string(key), "content": .string(String(decoding: content, as: UTF8.self))]
        }
    }

    /// In DynamoDB's wire form and in the order of their keys.
    private func items(_ table: String) -> [JSONValue] {
        stack.aws.tables.scan(table: table)
    }

    /// What the PSP has done for a charge.
    private func provider(_ charge: String) -> JSONValue {
        let state = stack.sandbox.currentState().charges[charge]
        func count(_ number: KeyPath<StripeSandboxState.Charge, Int>) -> JSONValue {
            .integer(Int64(state?[keyPath: number] ?? 0))
        }
        return [
            "payment_intents": count(\.paymentIntents), "charges_succeeded": count(\.chargesSucceeded),
            "charges_failed": count(\.chargesFailed), "refunds": count(\.refunds),
            "captured_amount": .integer(state?.capturedMinor ?? 0),
            "refunded_amount": .integer(state?.refundedMinor ?? 0),
        ]
    }

    /// The rows of a query, each as an object.
    private func rows(_ query: JSONValue) throws -> JSONValue {
        let role = query["database"]?.stringValue ?? ""
        guard let parameters = stack.databases[role], let sql = query["sql"]?.stringValue else {
            let known = stack.databases.keys.sorted().joined(separator: " or ")
            throw FixtureError(file: file, reason: "databases: each needs database (\(known)), sql and rows")
        }
        let connection = try PostgresConnection(parameters: parameters)
        do {
            let result = try connection.query("SELECT to_jsonb(result)::text AS row FROM (\(sql)) AS result")
            return .array(try result.rows.map { try JSONValue(parsing: Data(try $0.text("row").utf8)) })
        } catch {
            throw FixtureError(file: file, reason: "\(sql): \(error)")
        }
    }
}

extension LocalStack {
    /// The name under which a resource of the template exists here.
    ///
    /// - Throws: `FixtureError` for one that the template does not have: it would always be found empty.
    func physicalName(_ logicalID: String, _ file: String) throws -> String {
        guard let name = model.physicalNames[logicalID] else {
            throw FixtureError(file: file, reason: "the template has no resource \(logicalID)")
        }
        return name
    }
}
