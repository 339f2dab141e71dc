import Foundation
import Testing

@testable import LocalEmulator

@Suite struct DynamoDBServiceTests {
    let clock = ManualClock()
    let service: DynamoDBService
    let client: WireClient

    init() throws {
        service = DynamoDBService(account: "123456789012", region: "eu-central-1", now: clock.now)
        client = WireClient(service: service, targetPrefix: "DynamoDB_20120810")
        try service.createTable(
            name: "events", hashKey: .init("stream_id"), rangeKey: .init("version", "N"),
            indexes: [.init(name: "unpublished-index", hashKey: .init("unpublished"), rangeKey: .init("event_id"))])
        try service.createTable(name: "idempotency", hashKey: .init("id"), timeToLiveAttribute: "expires_at")
    }

    private func event(_ stream: String, _ version: Int, _ more: [String: JSONValue] = [:]) -> JSONValue {
        var item: JSONValue = ["stream_id": ["S": .string(stream)], "version": ["N": .string("\(version)")]]
        for (name, value) in more { item[name] = value }
        return item
    }

    private func query(_ extra: [String: JSONValue]) throws -> WireAnswer {
        var input: JSONValue = ["TableName": "events"]
        for (name, value) in extra { input[name] = value }
        return try client.call("Query", input)
    }

    private func versions(_ answer: WireAnswer) -> [Int] {
        (answer["Items"]?.arrayValue ?? []).compactMap { $0["version"]?["N"]?.stringValue.flatMap { Int($0) } }
    }

    @Test func `an append of a version that exists fails and changes nothing`() throws {
        let condition: JSONValue = "attribute_not_exists(stream_id)"
        let input: JSONValue = [
            "TableName": "events", "Item": event("ch_1", 1, ["who": ["S": "first"]]), "ConditionExpression": condition,
        ]
        #expect(try client.call("PutItem", input).status == 200)
        var second = input
        second["Item"] = event("ch_1", 1, ["who": ["S": "second"]])
        second["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        let answer = try client.call("PutItem", second)
        #expect(answer.errorCode == "ConditionalCheckFailedException")
        #expect(answer["Item"]?["who"] == ["S": "first"])
        #expect(service.scan(table: "events") == [event("ch_1", 1, ["who": ["S": "first"]])])
    }

    @Test func `a transaction that fails names the reason of every item in order`() throws {
        try service.putItem(table: "events", item: event("ch_1", 2))
        let puts = (1...3).map { version in
            [
                "Put": [
                    "TableName": "events", "Item": event("ch_1", version),
                    "ConditionExpression": "attribute_not_exists(stream_id)",
                    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                ]
            ] as JSONValue
        }
        let answer = try client.call("TransactWriteItems", ["TransactItems": .array(puts)])
        #expect(answer.errorCode == "TransactionCanceledException")
        let reasons = try #require(answer["CancellationReasons"]?.arrayValue)
        #expect(reasons.map { $0["Code"] } == ["None", "ConditionalCheckFailed", "None"])
        #expect(reasons[1]["Item"] == event("ch_1", 2))
        #expect(service.scan(table: "events").count == 1)
    }

    @Test func `a transaction's token is remembered for ten minutes`() throws {
        let add: JSONValue = [
            "TransactItems": [
                [
                    "Update": [
                        "TableName": "idempotency", "Key": ["id": ["S": "k"]], "UpdateExpression": "ADD hits :one",
                        "ExpressionAttributeValues": [":one": ["N": "1"]],
                    ]
                ]
            ], "ClientRequestToken": "token",
        ]
        func hits() -> JSONValue? { service.scan(table: "idempotency").first?["hits"] }
        #expect(try client.call("TransactWriteItems", add).status == 200)
        clock.advance(seconds: 599)
        #expect(try client.call("TransactWriteItems", add).status == 200)
        #expect(hits() == ["N": "1"])
        clock.advance(seconds: 1)
        #expect(try client.call("TransactWriteItems", add).status == 200)
        #expect(hits() == ["N": "2"])
    }

    @Test func `a transaction that names an unknown table changes nothing`() throws {
        let answer = try client.call(
            "TransactWriteItems",
            [
                "TransactItems": [
                    ["Put": ["TableName": "events", "Item": event("ch_1", 1)]],
                    ["Put": ["TableName": "nowhere", "Item": event("ch_1", 2)]],
                ]
            ])
        #expect(answer.errorCode == "ResourceNotFoundException")
        #expect(service.scan(table: "events").isEmpty)
    }

    @Test func `a condition check guards a transaction without changing its item`() throws {
        try service.putItem(table: "idempotency", item: ["id": ["S": "k"], "state": ["S": "done"]])
        func append(expecting state: String) throws -> WireAnswer {
            try client.call(
                "TransactWriteItems",
                [
                    "TransactItems": [
                        [
                            "ConditionCheck": [
                                "TableName": "idempotency", "Key": ["id": ["S": "k"]], "ConditionExpression": "#s = :s",
                                "ExpressionAttributeNames": ["#s": "state"],
                                "ExpressionAttributeValues": [":s": ["S": .string(state)]],
                            ]
                        ], ["Put": ["TableName": "events", "Item": event("ch_1", 1)]],
                    ]
                ])
        }
        #expect(try append(expecting: "open").errorCode == "TransactionCanceledException")
        #expect(service.scan(table: "events").isEmpty)
        #expect(try append(expecting: "done").status == 200)
        #expect(service.scan(table: "idempotency") == [["id": ["S": "k"], "state": ["S": "done"]]])
    }

    @Test func `versions are ordered as numbers`() throws {
        for version in [10, 9, 100, 1, 2] { try service.putItem(table: "events", item: event("ch_1", version)) }
        let condition: [String: JSONValue] = [
            "KeyConditionExpression": "stream_id = :s", "ExpressionAttributeValues": [":s": ["S": "ch_1"]],
        ]
        #expect(try versions(query(condition)) == [1, 2, 9, 10, 100])
        #expect(try versions(query(condition.merging(["ScanIndexForward": false]) { $1 })) == [100, 10, 9, 2, 1])
    }

    @Test(arguments: [
        ("version = :v", [5]), ("version < :v", [3, 4]), ("version <= :v", [3, 4, 5]), ("version > :v", [6, 7]),
        ("version >= :v", [5, 6, 7]), (":v < version", [6, 7]), ("version BETWEEN :v AND :w", [5, 6]),
    ])
    func `a sort key condition selects a run`(condition: String, expected: [Int]) throws {
        for version in 3...7 { try service.putItem(table: "events", item: event("ch_1", version)) }
        try service.putItem(table: "events", item: event("ch_2", 5))
        var values: JSONValue = [":s": ["S": "ch_1"], ":v": ["N": "5"]]
        if condition.contains(":w") { values[":w"] = ["N": "6.5"] }
        let answer = try query([
            "KeyConditionExpression": .string("stream_id = :s AND \(condition)"), "ExpressionAttributeValues": values,
        ])
        #expect(versions(answer) == expected)
    }

    @Test(arguments: [
        ("version = :v", "missed key schema element: stream_id"), ("stream_id > :s", "not supported"),
        ("stream_id = :s AND another = :v", "missed key schema element: version"),
        ("stream_id = :s OR version = :v", "OR"),
        ("NOT stream_id = :s", "NOT"), ("stream_id = :s AND version <> :v", "not supported"),
        ("stream_id = :v", "does not match schema type"),
        ("stream_id = :s AND version = :s", "does not match schema type"),
        ("stream_id = :s AND attribute_exists(version)", "not supported"),
    ])
    func `a key condition that is none is explained`(condition: String, reason: String) throws {
        let values = ([":s": ["S": "ch_1"], ":v": ["N": "5"]] as [String: JSONValue]).filter {
            condition.contains($0.key)
        }
        let answer = try query([
            "KeyConditionExpression": .string(condition), "ExpressionAttributeValues": .object(values),
        ])
        #expect(answer.errorCode == "ValidationException")
        #expect(answer.message?.contains(reason) == true, "\(answer.message ?? "")")
    }

    @Test func `pages continue exactly where they ended, whatever changed in between`() throws {
        for version in 1...10 { try service.putItem(table: "events", item: event("ch_1", version)) }
        let condition: [String: JSONValue] = [
            "KeyConditionExpression": "stream_id = :s", "ExpressionAttributeValues": [":s": ["S": "ch_1"]], "Limit": 3,
        ]
        let first = try query(condition)
        #expect(versions(first) == [1, 2, 3])
        let key = try #require(first["LastEvaluatedKey"])
        #expect(key == event("ch_1", 3))
        // The item of the key itself may be gone by then.
        try client.call("DeleteItem", ["TableName": "events", "Key": key])
        let second = try query(condition.merging(["ExclusiveStartKey": key]) { $1 })
        #expect(versions(second) == [4, 5, 6])
        let back = try query(condition.merging(["ExclusiveStartKey": key, "ScanIndexForward": false]) { $1 })
        #expect(versions(back) == [2, 1])
        #expect(back["LastEvaluatedKey"] == nil)
    }

    @Test func `a page ends at one megabyte`() throws {
        let filler: JSONValue = ["S": .string(String(repeating: "x", count: 300_000))]
        for version in 1...8 { try service.putItem(table: "events", item: event("ch_1", version, ["fill": filler])) }
        let answer = try client.call("Scan", ["TableName": "events"])
        #expect(versions(answer) == [1, 2, 3, 4])
        #expect(answer["LastEvaluatedKey"] == event("ch_1", 4))
    }

    @Test func `the limit counts items before the filter`() throws {
        for version in 1...6 { try service.putItem(table: "events", item: event("ch_1", version)) }
        let answer = try client.call(
            "Scan",
            [
                "TableName": "events", "Limit": 4, "FilterExpression": "version > :v",
                "ExpressionAttributeValues": [":v": ["N": "3"]],
            ])
        #expect(versions(answer) == [4])
        #expect(answer["ScannedCount"] == 4)
        #expect(answer["LastEvaluatedKey"] == event("ch_1", 4))
    }

    @Test func `an index lists items that share its sort key and follows every change`() throws {
        let marked: [String: JSONValue] = ["unpublished": ["S": "1"], "event_id": ["S": "evt_same"]]
        for version in 1...3 { try service.putItem(table: "events", item: event("ch_1", version, marked)) }
        try service.putItem(table: "events", item: event("ch_1", 4))
        func indexed(limit: Int64 = 10) throws -> [Int] {
            var found: [Int] = []
            var start: JSONValue?
            repeat {
                var input: [String: JSONValue] = [
                    "IndexName": "unpublished-index", "KeyConditionExpression": "unpublished = :one",
                    "Limit": .integer(limit),
                    "ExpressionAttributeValues": [":one": ["S": "1"]],
                ]
                input["ExclusiveStartKey"] = start
                let answer = try query(input)
                found += versions(answer)
                start = answer["LastEvaluatedKey"]
            } while start != nil
            return found
        }
        #expect(try indexed() == [1, 2, 3])
        #expect(try indexed(limit: 1) == [1, 2, 3])
        try client.call(
            "UpdateItem",
            ["TableName": "events", "Key": event("ch_1", 2), "UpdateExpression": "REMOVE unpublished"])
        #expect(try indexed(limit: 1) == [1, 3])
        try service.putItem(table: "events", item: event("ch_1", 3))
        try service.putItem(table: "events", item: event("ch_1", 4, marked))
        #expect(try indexed() == [1, 4])
        #expect(
            try query([
                "IndexName": "unpublished-index", "KeyConditionExpression": "unpublished = :one",
                "ConsistentRead": true,
                "ExpressionAttributeValues": [":one": ["S": "1"]],
            ]).message?.contains("Consistent reads") == true)
    }

    @Test func `an item ends with its time to live and its key is free again`() throws {
        let expiry = clock.now() / 1000 + 60
        let item: JSONValue = ["id": ["S": "k"], "expires_at": ["N": .string("\(expiry)")]]
        try service.putItem(table: "idempotency", item: item)
        clock.advance(seconds: 59)
        #expect(try client.call("GetItem", ["TableName": "idempotency", "Key": ["id": ["S": "k"]]])["Item"] == item)
        clock.advance(seconds: 1)
        #expect(try client.call("GetItem", ["TableName": "idempotency", "Key": ["id": ["S": "k"]]]).body == [:])
        #expect(service.scan(table: "idempotency").isEmpty)
        let put = try client.call(
            "PutItem",
            [
                "TableName": "idempotency", "Item": ["id": ["S": "k"]],
                "ConditionExpression": "attribute_not_exists(id)",
            ])
        #expect(put.status == 200)
    }

    @Test func `an item of exactly 400 kilobytes fits and one byte more does not`() throws {
        // Names count too: "id" + "k" + "fill" + text.
        let room = DynamoDBLimits.itemBytes - 2 - 1 - 4
        func put(_ count: Int) throws -> WireAnswer {
            try client.call(
                "PutItem",
                [
                    "TableName": "idempotency",
                    "Item": ["id": ["S": "k"], "fill": ["S": .string(String(repeating: "x", count: count))]],
                ])
        }
        #expect(try put(room).status == 200)
        #expect(try put(room + 1).message == "Item size has exceeded the maximum allowed size")
        let grow = try client.call(
            "UpdateItem",
            [
                "TableName": "idempotency", "Key": ["id": ["S": "k"]], "UpdateExpression": "SET x = :x",
                "ExpressionAttributeValues": [":x": ["S": "1"]],
            ])
        #expect(grow.message == "Item size to update has exceeded the maximum allowed size")
    }

    @Test(
        arguments: [
            (["NULL": false], "must have the value of true"), ([:], "Supplied AttributeValue is empty"),
            (["S": "a", "N": "1"], "more than one datatypes"), (["SS": []], "may not be empty"),
            (["SS": ["a", "a"]], "contains duplicates"), (["NS": ["1", "1.0"]], "contains duplicates"),
            (["N": "abc"], "cannot be converted to a numeric value: abc"), (["N": 5], "wrong form"),
            (["X": "a"], "'X'"),
            (["B": "***"], "base64"), ("text", "structure"),
        ] as [(JSONValue, String)])
    func `a value that is none is explained`(value: JSONValue, reason: String) throws {
        let answer = try client.call(
            "PutItem", ["TableName": "idempotency", "Item": ["id": ["S": "k"], "v": value]])
        #expect(answer.status == 400)
        #expect(answer.message?.contains(reason) == true, "\(answer.message ?? "")")
    }

    @Test func `an update of a missing item creates it, also without an expression`() throws {
        try client.call("UpdateItem", ["TableName": "idempotency", "Key": ["id": ["S": "new"]]])
        #expect(service.scan(table: "idempotency") == [["id": ["S": "new"]]])
    }

    @Test func `key attributes cannot be updated`() throws {
        let answer = try client.call(
            "UpdateItem",
            [
                "TableName": "events", "Key": event("ch_1", 1), "UpdateExpression": "SET version = :v",
                "ExpressionAttributeValues": [":v": ["N": "2"]],
            ])
        #expect(answer.message?.contains("Cannot update attribute version") == true)
    }

    @Test(
        arguments: [
            ["id": ["S": "k"], "more": ["S": "x"]], [:], ["id": ["N": "1"]], ["other": ["S": "k"]],
        ] as [JSONValue])
    func `a key that does not fit the schema is refused`(key: JSONValue) throws {
        let answer = try client.call("GetItem", ["TableName": "idempotency", "Key": key])
        #expect(answer.message == "The provided key element does not match the schema")
    }

    @Test func `legacy parameters and unknown operations are refused by name`() throws {
        let legacy = try client.call(
            "PutItem", ["TableName": "idempotency", "Item": ["id": ["S": "k"]], "Expected": ["id": ["Exists": false]]])
        #expect(legacy.message?.contains("'Expected'") == true)
        let unknown = try client.call("ExecuteStatement", ["Statement": "SELECT 1"])
        #expect(unknown.errorCode == "UnknownOperationException")
        #expect(unknown.message?.contains("ExecuteStatement") == true)
    }

    @Test func `concurrent appends of one version have exactly one winner`() {
        let writers = (0..<8).map { writer in
            Background { [service] in
                (0..<50).map { version -> Bool in
                    let input = AWSInput(
                        members: [
                            "TableName": "events", "ConditionExpression": "attribute_not_exists(stream_id)",
                            "Item": [
                                "stream_id": ["S": "race"], "version": ["N": .string("\(version)")],
                                "writer": ["N": .string("\(writer)")],
                            ],
                        ], missing: DynamoDBErrors.missingMember)
                    return (try? service.putItem(input)) != nil
                }
            }
        }
        let wins = writers.map { $0.value() ?? [] }
        for version in 0..<50 { #expect(wins.filter { $0[version] }.count == 1) }
    }
}
