import Foundation
import Synchronization

extension DynamoDBService {
    /// Performs one wire operation; `nil` when there is none of that name.
    func perform(_ operation: String, _ input: AWSInput) throws(AWSServiceError) -> JSONValue? {
        try refuseLegacyParameters(input)
        return switch operation {
        case "CreateTable": try createTable(input)
        case "DescribeTable": try describeTable(input)
        case "DeleteTable": try deleteTable(input)
        case "ListTables": try listTables(input)
        case "UpdateTimeToLive": try updateTimeToLive(input)
        case "DescribeTimeToLive": try describeTimeToLive(input)
        case "PutItem": try putItem(input)
        case "GetItem": try getItem(input)
        case "UpdateItem": try updateItem(input)
        case "DeleteItem": try deleteItem(input)
        case "Query": try query(input)
        case "Scan": try scan(input)
        case "BatchGetItem": try batchGetItem(input)
        case "BatchWriteItem": try batchWriteItem(input)
        case "TransactWriteItems": try transactWriteItems(input)
        case "TransactGetItems": try transactGetItems(input)
        default: nil
        }
    }

    /// Parameters from before expressions existed.
    private func refuseLegacyParameters(_ input: AWSInput) throws(AWSServiceError) {
        let legacy = [
            "Expected", "AttributeUpdates", "ConditionalOperator", "AttributesToGet", "KeyConditions", "QueryFilter",
            "ScanFilter",
        ]
        for name in legacy where input[name] != nil {
            throw DynamoDBErrors.validation(
                "The local emulator does not offer the legacy parameter '\(name)'; use an expression instead.")
        }
    }

    private func createTable(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let table = try CreateTableRequest(input).table(account: account, nowMilliseconds: now())
        try add(table)
        return ["TableDescription": Self.description(table)]
    }

    private func describeTable(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let name = try input.requiredString("TableName")
        guard let table = state.withLock({ $0.tables[name] }) else { throw DynamoDBErrors.tableNotFound(name) }
        return ["Table": Self.description(table)]
    }

    private func deleteTable(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let name = try input.requiredString("TableName")
        guard let table = state.withLock({ $0.tables.removeValue(forKey: name) }) else {
            throw DynamoDBErrors.tableNotFound(name)
        }
        var description = Self.description(table)
        description["TableStatus"] = "DELETING"
        return ["TableDescription": description]
    }

    private func listTables(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let after = try input.string("ExclusiveStartTableName") ?? ""
        let limit = try input.integer("Limit") ?? DynamoDBLimits.tablesPerPage
        guard (1...DynamoDBLimits.tablesPerPage).contains(limit) else {
            throw DynamoDBErrors.validation(
                "1 validation error detected: Value '\(limit)' at 'limit' failed to satisfy constraint: Member must "
                    + "be between 1 and \(DynamoDBLimits.tablesPerPage)")
        }
        let remaining = tableNames().filter { $0 > after }
        let page = remaining.prefix(limit)
        var output: [String: JSONValue] = ["TableNames": .array(page.map { .string($0) })]
        if remaining.count > page.count { output["LastEvaluatedTableName"] = page.last.map { .string($0) } }
        return .object(output)
    }

    // MARK: Time to live

    private func updateTimeToLive(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let name = try input.requiredString("TableName")
        let specification = try input.required(
            "TimeToLiveSpecification", try input.nested("TimeToLiveSpecification"))
        let attribute = try specification.requiredString("AttributeName")
        let isEnabled = try specification.required("Enabled", try specification.boolean("Enabled"))
        try withTable(name) { (table) throws(AWSServiceError) in
            if isEnabled, table.timeToLiveAttribute != nil {
                throw DynamoDBErrors.validation("TimeToLive is already enabled")
            }
            if !isEnabled, table.timeToLiveAttribute != attribute {
                throw DynamoDBErrors.validation(
                    table.timeToLiveAttribute == nil
                        ? "TimeToLive is already disabled"
                        : "TimeToLive is active on a different AttributeName: current AttributeName is "
                            + (table.timeToLiveAttribute ?? ""))
            }
            table.timeToLiveAttribute = isEnabled ? attribute : nil
        }
        return ["TimeToLiveSpecification": ["AttributeName": .string(attribute), "Enabled": .bool(isEnabled)]]
    }

    private func describeTimeToLive(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let attribute = try withTable(try input.requiredString("TableName")) { $0.timeToLiveAttribute }
        var description: [String: JSONValue] = ["TimeToLiveStatus": attribute == nil ? "DISABLED" : "ENABLED"]
        description["AttributeName"] = attribute.map { .string($0) }
        return ["TimeToLiveDescription": .object(description)]
    }

    // MARK: Describing

    private static func description(_ table: DynamoDBTable) -> JSONValue {
        let keys = Set(table.schema.attributes + table.indexes.values.flatMap(\.schema.attributes))
        let throughput: JSONValue = [
            "ReadCapacityUnits": .integer(Int64(table.throughput.read)),
            "WriteCapacityUnits": .integer(Int64(table.throughput.write)), "NumberOfDecreasesToday": 0,
        ]
        var description: [String: JSONValue] = [
            "TableName": .string(table.name), "TableArn": .string(table.arn), "TableId": .string(table.id),
            "TableStatus": "ACTIVE", "CreationDateTime": .number(Double(table.createdMilliseconds) / 1000),
            "KeySchema": table.schema.wire, "ItemCount": .integer(Int64(table.items.count)),
            "TableSizeBytes": .integer(Int64(table.byteCount)), "ProvisionedThroughput": throughput,
            "DeletionProtectionEnabled": false,
            "AttributeDefinitions": .array(
                keys.sorted { $0.name < $1.name }.map {
                    ["AttributeName": .string($0.name), "AttributeType": .string($0.type)]
                }),
        ]
        if table.isOnDemand { description["BillingModeSummary"] = ["BillingMode": "PAY_PER_REQUEST"] }
        for (member, isGlobal) in [("GlobalSecondaryIndexes", true), ("LocalSecondaryIndexes", false)] {
            let indexes = table.indexes.values.filter { $0.isGlobal == isGlobal }.sorted { $0.name < $1.name }
            guard !indexes.isEmpty else { continue }
            description[member] = .array(
                indexes.map { index in
                    var element: [String: JSONValue] = [
                        "IndexName": .string(index.name), "KeySchema": index.schema.wire,
                        "Projection": index.projectionWire, "IndexArn": .string("\(table.arn)/index/\(index.name)"),
                    ]
                    if isGlobal {
                        element["IndexStatus"] = "ACTIVE"
                        element["ProvisionedThroughput"] = throughput
                    }
                    return .object(element)
                })
        }
        return .object(description)
    }
}
