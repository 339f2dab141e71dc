import Foundation
import Testing

@testable import AWSClient

/// The DynamoDB client against moto: the event journal and the idempotency records stand on what is checked here.
@Suite("Conformance with moto: DynamoDB", .serialized)
struct MotoDynamoDBTests {
    private static let absent = ConditionExpression("attribute_not_exists(stream_id)")

    private let moto: MotoServer

    init() throws {
        moto = try MotoServer.shared.get()
    }

    /// A new table with the journal's keys and its sparse index.
    private static func createTable(_ aws: AWSClient) async throws -> DynamoDBTable {
        let name = "events-\(UUID().uuidString)"
        try await aws.raw(
            .dynamoDB, "CreateTable",
            #"""
            {"TableName":"\#(name)","BillingMode":"PAY_PER_REQUEST",
             "AttributeDefinitions":[{"AttributeName":"stream_id","AttributeType":"S"},
               {"AttributeName":"version","AttributeType":"N"},{"AttributeName":"unpublished","AttributeType":"S"},
               {"AttributeName":"event_id","AttributeType":"S"}],
             "KeySchema":[{"AttributeName":"stream_id","KeyType":"HASH"},{"AttributeName":"version","KeyType":"RANGE"}],
             "GlobalSecondaryIndexes":[{"IndexName":"unpublished-index","Projection":{"ProjectionType":"ALL"},
               "KeySchema":[{"AttributeName":"unpublished","KeyType":"HASH"},
                 {"AttributeName":"event_id","KeyType":"RANGE"}]}]}
            """#)
        return DynamoDBTable(name: name, client: DynamoDBClient(aws))
    }

    private struct DynamoDBTable: Sendable {
        let name: String
        let client: DynamoDBClient

        func item(_ stream: String, _ version: Int, _ text: String = "") -> [String: AttributeValue] {
            ["stream_id": .string(stream), "version": .integer(version), "envelope": .string(text)]
        }

        func key(_ stream: String, _ version: Int) -> [String: AttributeValue] {
            ["stream_id": .string(stream), "version": .integer(version)]
        }

        func puts(_ items: [[String: AttributeValue]]) -> [TransactPut] {
            items.map { TransactPut(table: name, item: $0, condition: MotoDynamoDBTests.absent) }
        }
    }

    @Test("a conditional put succeeds once; the loser sees the winner's item")
    func conditionalPut() throws {
        try moto.run { aws in
            let table = try await Self.createTable(aws)
            try await table.client.putItem(
                table: table.name, item: table.item("ch_1", 1, "first"), condition: Self.absent)
            let error = await #expect(throws: AWSError.self) {
                try await table.client.putItem(
                    table: table.name, item: table.item("ch_1", 1, "second"), condition: Self.absent)
            }
            let failure = try #require(error?.conditionFailure)
            #expect(failure.code == "ConditionalCheckFailedException")
            #expect(failure.item == table.item("ch_1", 1, "first"))
            #expect(!failure.followsAmbiguousAttempt)
        }
    }

    @Test("of many concurrent conditional puts of one key, exactly one wins")
    func concurrentPuts() throws {
        try moto.run { aws in
            let table = try await Self.createTable(aws)
            let winners = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        let item = table.item("ch_1", 1, String(number))
                        return
                            (try? await table.client.putItem(
                                table: table.name, item: item, condition: Self.absent)) != nil
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(winners == 1)
        }
    }

    @Test("a transaction puts all or none, and says which put failed")
    func transaction() throws {
        try moto.run { aws in
            let table = try await Self.createTable(aws)
            try await table.client.transactPut(table.puts([table.item("ch_1", 1), table.item("ch_1", 2)]))
            let error = await #expect(throws: AWSError.self) {
                try await table.client.transactPut(table.puts([table.item("ch_1", 3), table.item("ch_1", 2, "other")]))
            }
            let failure = try #require(error?.conditionFailure)
            #expect(failure.cancellationReasons == [nil, "ConditionalCheckFailed"])
            #expect(failure.item == table.item("ch_1", 2))
            let third = try await table.client.getItem(table: table.name, key: table.key("ch_1", 3))
            #expect(third == nil)
        }
    }

    @Test("a transaction of the largest size is taken")
    func largestTransaction() throws {
        try moto.run { aws in
            let table = try await Self.createTable(aws)
            let items = (1...DynamoDBClient.maximumTransactionItems).map { table.item("ch_1", $0) }
            try await table.client.transactPut(table.puts(items))
            let stored = try await table.client.query(
                table: table.name, keyCondition: "stream_id = :s", values: [":s": "ch_1"])
            #expect(stored == items)
        }
    }

    @Test("a query larger than one page comes back whole and in order, in both directions and limited")
    func queryPaging() throws {
        try moto.run { aws in
            let table = try await Self.createTable(aws)
            let text = String(repeating: "ü", count: 100_000)
            // 30 items of 200 kB are six pages of 1 MB.
            for version in 1...30 {
                try await table.client.putItem(table: table.name, item: table.item("ch_1", version, text))
            }
            try await table.client.putItem(table: table.name, item: table.item("ch_2", 1))
            func versions(ascending: Bool = true, limit: Int? = nil, from: Int = 0) async throws -> [Int64?] {
                let items = try await table.client.query(
                    table: table.name, keyCondition: "stream_id = :s AND #v > :v", names: ["#v": "version"],
                    values: [":s": "ch_1", ":v": .integer(from)], ascending: ascending, limit: limit)
                return items.map { $0["version"]?.integerValue }
            }
            #expect(try await versions() == (1...30).map { Int64($0) })
            #expect(try await versions(ascending: false) == (1...30).reversed().map { Int64($0) })
            #expect(try await versions(limit: 12) == (1...12).map { Int64($0) })
            #expect(try await versions(from: 28) == [29, 30])
            #expect(try await table.client.scan(table: table.name).count == 31)
        }
    }

    @Test("removing an attribute takes the item out of a sparse index; the update returns the item")
    func sparseIndex() throws {
        try moto.run { aws in
            let table = try await Self.createTable(aws)
            for version in 1...3 {
                var item = table.item("ch_1", version)
                item["unpublished"] = "1"
                item["event_id"] = .string("evt_\(version)")
                try await table.client.putItem(table: table.name, item: item)
            }
            let updated = try await table.client.updateItem(
                table: table.name, key: table.key("ch_1", 2), update: "REMOVE unpublished",
                condition: "attribute_exists(stream_id)")
            #expect(updated["unpublished"] == nil)
            #expect(updated["event_id"] == "evt_2")
            let waiting = try await table.client.query(
                table: table.name, index: "unpublished-index", keyCondition: "unpublished = :one",
                values: [":one": "1"])
            #expect(waiting.map { $0["event_id"]?.stringValue } == ["evt_1", "evt_3"])
        }
    }

    @Test("an update whose condition does not hold changes nothing and shows the item")
    func conditionalUpdate() throws {
        try moto.run { aws in
            let table = try await Self.createTable(aws)
            let item = table.item("ch_1", 1, "as it was")
            try await table.client.putItem(table: table.name, item: item)
            let error = await #expect(throws: AWSError.self) {
                try await table.client.updateItem(
                    table: table.name, key: table.key("ch_1", 1), update: "SET envelope = :new",
                    condition: "envelope = :old", values: [":new": "new", ":old": "something else"])
            }
            #expect(error?.conditionFailure?.item == item)
            let stored = try await table.client.getItem(table: table.name, key: table.key("ch_1", 1))
            #expect(stored == item)
        }
    }

    @Test("every type of value survives, and deleting deletes")
    func valuesAndDelete() throws {
        try moto.run { aws in
            let table = try await Self.createTable(aws)
            var item = table.item("ch_ü", 1, "日本 \"quoted\" \\ / \u{1F9FE}")
            item["binary"] = .binary(Data((0...255).map { UInt8($0) }))
            item["nested"] = .map(["list": .list([.null, .boolean(true), .number("-12.5")])])
            item["empty"] = ""
            item["tags"] = .stringSet(["one"])
            try await table.client.putItem(table: table.name, item: item)
            let stored = try await table.client.getItem(table: table.name, key: table.key("ch_ü", 1))
            #expect(stored == item)
            try await table.client.deleteItem(table: table.name, key: table.key("ch_ü", 1))
            let deleted = try await table.client.getItem(table: table.name, key: table.key("ch_ü", 1))
            #expect(deleted == nil)
        }
    }
}
