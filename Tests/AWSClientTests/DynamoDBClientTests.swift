import Foundation
import Testing

@testable import AWSClient

@Suite("DynamoDB on the wire")
struct DynamoDBClientTests {
    @Test("a request is JSON 1.0 with the operation in its target")
    func target() async throws {
        let aws = try ScriptedAWS([.json("{}")])
        let item = try await DynamoDBClient(aws.client).getItem(table: "events", key: ["id": "a"])
        #expect(item == nil)
        let request = try #require(aws.transport.requests.first)
        #expect(request.url == "https://dynamodb.eu-central-1.amazonaws.com/")
        #expect(request.method == "POST")
        #expect(request.headers["X-Amz-Target"] == "DynamoDB_20120810.GetItem")
        #expect(request.headers["Content-Type"] == "application/x-amz-json-1.0")
        #expect(request.headers["Authorization"]?.contains("/eu-central-1/dynamodb/aws4_request") == true)
        let expected: NSDictionary = ["TableName": "events", "Key": ["id": ["S": "a"]], "ConsistentRead": true]
        #expect(try aws.jsonBody() == expected)
    }

    @Test("a conditional put names its placeholders and asks for the item that stands in its way")
    func conditionalPut() async throws {
        let aws = try ScriptedAWS([.json("{}"), .json("{}")])
        let client = DynamoDBClient(aws.client)
        try await client.putItem(
            table: "t", item: ["id": "a", "n": .integer(7)],
            condition: ConditionExpression("#i <> :x", names: ["#i": "id"], values: [":x": "b"]))
        try await client.putItem(table: "t", item: ["id": "a"])
        let conditional: NSDictionary = [
            "TableName": "t", "Item": ["id": ["S": "a"], "n": ["N": "7"]], "ConditionExpression": "#i <> :x",
            "ExpressionAttributeNames": ["#i": "id"], "ExpressionAttributeValues": [":x": ["S": "b"]],
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        ]
        #expect(try aws.jsonBody(0) == conditional)
        let plain: NSDictionary = ["TableName": "t", "Item": ["id": ["S": "a"]]]
        #expect(try aws.jsonBody(1) == plain)
    }

    @Test("an update returns the item after it; empty placeholder maps are left out")
    func update() async throws {
        let aws = try ScriptedAWS([.json(#"{"Attributes":{"id":{"S":"a"},"n":{"N":"2"}}}"#)])
        let updated = try await DynamoDBClient(aws.client).updateItem(
            table: "t", key: ["id": "a"], update: "REMOVE unpublished", condition: "attribute_exists(id)")
        #expect(updated == ["id": "a", "n": .integer(2)])
        let expected: NSDictionary = [
            "TableName": "t", "Key": ["id": ["S": "a"]], "UpdateExpression": "REMOVE unpublished",
            "ConditionExpression": "attribute_exists(id)", "ReturnValues": "ALL_NEW",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        ]
        #expect(try aws.jsonBody() == expected)
    }

    @Test("a query follows its pages and stops at its limit")
    func paging() async throws {
        let first = #"{"Items":[{"v":{"N":"1"}},{"v":{"N":"2"}}],"LastEvaluatedKey":{"v":{"N":"2"}}}"#
        let empty = #"{"Items":[],"LastEvaluatedKey":{"v":{"N":"9"}}}"#
        let last = #"{"Items":[{"v":{"N":"3"}}]}"#
        let aws = try ScriptedAWS([.json(first), .json(empty), .json(last), .json(first)])
        let client = DynamoDBClient(aws.client)
        let all = try await client.query(table: "t", keyCondition: "id = :i", values: [":i": "a"])
        #expect(all.map { $0["v"]?.integerValue } == [1, 2, 3])
        #expect(try aws.jsonBody(0)["ExclusiveStartKey"] == nil)
        #expect(try aws.jsonBody(2)["ExclusiveStartKey"] as? NSDictionary == ["v": ["N": "9"]])
        #expect(try aws.jsonBody(0)["ConsistentRead"] as? Bool == true)

        let some = try await client.query(
            table: "t", index: "i", keyCondition: "id = :i", values: [":i": "a"], ascending: false, limit: 2)
        #expect(some.count == 2)
        #expect(try aws.jsonBody(3)["Limit"] as? Int == 2)
        #expect(try aws.jsonBody(3)["ScanIndexForward"] as? Bool == false)
        #expect(try aws.jsonBody(3)["ConsistentRead"] as? Bool == false)
        #expect(aws.transport.requests.count == 4)
    }

    @Test("D-28: a query whose pages never end is an error")
    func endlessPages() async throws {
        let page = ScriptedTransport.Step.json(#"{"Items":[],"LastEvaluatedKey":{"v":{"N":"1"}}}"#)
        let aws = try ScriptedAWS(Array(repeating: page, count: DynamoDBClient.maximumPages + 1))
        await #expect(throws: AWSError.self) { try await DynamoDBClient(aws.client).scan(table: "t") }
        #expect(aws.transport.requests.count == DynamoDBClient.maximumPages)
    }

    @Test("a cancelled transaction says which action failed and what stood in its way")
    func cancelledTransaction() async throws {
        let body = #"""
            {"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
             "Message":"Transaction cancelled",
             "CancellationReasons":[{"Code":"None"},
               {"Code":"ConditionalCheckFailed","Message":"no","Item":{"id":{"S":"b"}}}]}
            """#
        let aws = try ScriptedAWS([.json(body, status: 400, headers: ["x-amzn-RequestId": "R1"])])
        let error = await #expect(throws: AWSError.self) {
            try await DynamoDBClient(aws.client).transactPut([
                TransactPut(table: "t", item: ["id": "a"]), TransactPut(table: "t", item: ["id": "b"]),
            ])
        }
        let failure = try #require(error?.conditionFailure)
        #expect(failure.cancellationReasons == [nil, "ConditionalCheckFailed"])
        #expect(failure.item == ["id": "b"])
        #expect(failure.message == "Transaction cancelled")
        #expect(failure.requestID == "R1")
        #expect(!String(describing: failure).contains("\"b\""), "an item has no place in a log")
    }

    @Test("a transaction cancelled only by others in its way is tried again")
    func conflictingTransaction() async throws {
        let body = #"""
            {"__type":"x#TransactionCanceledException",
             "CancellationReasons":[{"Code":"TransactionConflict"},{"Code":"None"}]}
            """#
        let aws = try ScriptedAWS([.json(body, status: 400), .json("{}")])
        try await DynamoDBClient(aws.client).transactPut([TransactPut(table: "t", item: ["id": "a"])])
        #expect(aws.transport.requests.count == 2)
    }

    @Test("a transaction of no or too many items is not sent", arguments: [0, 101])
    func transactionLimit(count: Int) async throws {
        let aws = try ScriptedAWS([])
        let puts = (0..<count).map { TransactPut(table: "t", item: ["id": .string(String($0))]) }
        await #expect(throws: AWSError.self) { try await DynamoDBClient(aws.client).transactPut(puts) }
        #expect(aws.transport.requests.isEmpty)
    }
}
