import Foundation
import Testing

@testable import LocalEmulator

@Suite struct DynamoDBTableDefinitionTests {
    let service = DynamoDBService(account: "123456789012", region: "eu-central-1")
    var client: WireClient { WireClient(service: service, targetPrefix: "DynamoDB_20120810") }

    private var valid: JSONValue {
        [
            "TableName": "charges", "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [["AttributeName": "id", "AttributeType": "S"]],
            "KeySchema": [["AttributeName": "id", "KeyType": "HASH"]],
        ]
    }

    @Test func `a table is described as it was defined`() throws {
        try client.call("CreateTable", valid)
        let table = try #require(try client.call("DescribeTable", ["TableName": "charges"])["Table"])
        #expect(table["TableStatus"] == "ACTIVE")
        #expect(table["KeySchema"] == valid["KeySchema"])
        #expect(table["AttributeDefinitions"] == valid["AttributeDefinitions"])
        #expect(table["TableArn"] == "arn:aws:dynamodb:eu-central-1:123456789012:table/charges")
    }

    @Test func `a table can be created from its definition in a template`() throws {
        try service.createTable(valid, timeToLive: "expires_at")
        let description = try client.call("DescribeTimeToLive", ["TableName": "charges"])
        #expect(description["TimeToLiveDescription"]?["AttributeName"] == "expires_at")
        #expect(throws: AWSServiceError.self) { try service.createTable(valid) }
    }

    @Test(
        arguments: [
            ("TableName", "x", "3 to 255"), ("TableName", "a b c", "regular expression"),
            ("KeySchema", [], "keySchema"),
            ("KeySchema", [["AttributeName": "id", "KeyType": "RANGE"]], "not a HASH key type"),
            ("KeySchema", [["AttributeName": "other", "KeyType": "HASH"]], "not defined in AttributeDefinitions"),
            ("BillingMode", "PROVISIONED", "ReadCapacityUnits and WriteCapacityUnits"),
            ("AttributeDefinitions", [["AttributeName": "id", "AttributeType": "BOOL"]], "enum value set"),
            (
                "AttributeDefinitions",
                [
                    ["AttributeName": "id", "AttributeType": "S"], ["AttributeName": "unused", "AttributeType": "S"],
                ], "does not exactly match"
            ),
            (
                "GlobalSecondaryIndexes",
                [
                    [
                        "IndexName": "by-id", "KeySchema": [["AttributeName": "id", "KeyType": "HASH"]],
                        "Projection": ["ProjectionType": "SOME"],
                    ]
                ], "Unknown ProjectionType"
            ),
        ] as [(String, JSONValue, String)])
    func `a definition that cannot be is explained`(member: String, value: JSONValue, reason: String) throws {
        var input = valid
        input[member] = value
        let answer = try client.call("CreateTable", input)
        #expect(answer.errorCode == "ValidationException")
        #expect(answer.message?.contains(reason) == true, "\(answer.message ?? "")")
    }

    @Test func `a table of the same name is refused`() throws {
        try client.call("CreateTable", valid)
        #expect(try client.call("CreateTable", valid).errorCode == "ResourceInUseException")
    }

    @Test func `an index shows only what it projects`() throws {
        var input = valid
        input["AttributeDefinitions"] = [
            ["AttributeName": "id", "AttributeType": "S"], ["AttributeName": "owner", "AttributeType": "S"],
        ]
        func index(_ name: JSONValue, _ projection: JSONValue) -> JSONValue {
            [
                "IndexName": name, "KeySchema": [["AttributeName": "owner", "KeyType": "HASH"]],
                "Projection": projection,
            ]
        }
        input["GlobalSecondaryIndexes"] = [
            index("keys", ["ProjectionType": "KEYS_ONLY"]),
            index("some", ["ProjectionType": "INCLUDE", "NonKeyAttributes": ["a"]]),
            index("all", ["ProjectionType": "ALL"]),
        ]
        #expect(try client.call("CreateTable", input).status == 200)
        try service.putItem(
            table: "charges", item: ["id": ["S": "1"], "owner": ["S": "o"], "a": ["N": "1"], "b": ["N": "2"]])
        func attributes(_ index: JSONValue) throws -> [String] {
            let answer = try client.call("Scan", ["TableName": "charges", "IndexName": index])
            return (answer["Items"]?[0]?.objectValue ?? [:]).keys.sorted()
        }
        #expect(try attributes("keys") == ["id", "owner"])
        #expect(try attributes("some") == ["a", "id", "owner"])
        #expect(try attributes("all") == ["a", "b", "id", "owner"])
    }
}
