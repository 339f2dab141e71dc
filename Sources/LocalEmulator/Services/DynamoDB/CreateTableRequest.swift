import Foundation

/// The input of CreateTable, checked.
struct CreateTableRequest: Sendable {
    private let name: String
    private let schema: KeySchema
    private let indexes: [SecondaryIndex]
    private let isOnDemand: Bool
    private let throughput: (read: Int, write: Int)

    init(_ input: AWSInput) throws(AWSServiceError) {
        name = try input.requiredString("TableName")
        try Self.checkName(name, "tableName")
        var types: [String: String] = [:]
        for definition in try input.required(
            "AttributeDefinitions", try input.structures("AttributeDefinitions"))
        {
            let type = try definition.requiredString("AttributeType")
            guard ["S", "N", "B"].contains(type) else {
                throw DynamoDBErrors.validation(
                    "1 validation error detected: Value '\(type)' at 'attributeDefinitions.member.attributeType' "
                        + "failed to satisfy constraint: Member must satisfy enum value set: [B, N, S]")
            }
            types[try definition.requiredString("AttributeName")] = type
        }
        schema = try Self.schema(input, types)
        let global = try Self.indexes(input, "GlobalSecondaryIndexes", isGlobal: true, types)
        let local = try Self.indexes(input, "LocalSecondaryIndexes", isGlobal: false, types)
        indexes = global + local
        for index in local where index.schema.hash != schema.hash {
            throw DynamoDBErrors.validation(
                "One or more parameter values were invalid: Index KeySchema does not have the same leading hash key as "
                    + "table KeySchema for index: \(index.name)")
        }
        let used = Set((schema.attributes + indexes.flatMap(\.schema.attributes)).map(\.name))
        guard used.count == types.count else {
            throw DynamoDBErrors.validation(
                "One or more parameter values were invalid: Number of attributes in KeySchema does not exactly match "
                    + "number of attributes defined in AttributeDefinitions")
        }
        isOnDemand = try input.string("BillingMode") == "PAY_PER_REQUEST"
        let provisioned = try input.nested("ProvisionedThroughput")
        let read = try provisioned?.integer("ReadCapacityUnits")
        let write = try provisioned?.integer("WriteCapacityUnits")
        guard isOnDemand || (read != nil && write != nil) else {
            throw DynamoDBErrors.validation(
                "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be "
                    + "specified when BillingMode is PROVISIONED")
        }
        throughput = (read ?? 0, write ?? 0)
    }

    func table(account: AWSAccount, nowMilliseconds: Int64) -> DynamoDBTable {
        DynamoDBTable(
            name: name, arn: account.arn("dynamodb", "table/\(name)"), id: UUID().uuidString.lowercased(),
            createdMilliseconds: nowMilliseconds, schema: schema, isOnDemand: isOnDemand, throughput: throughput,
            indexes: Dictionary(indexes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }))
    }

    private static func checkName(_ name: String, _ member: String) throws(AWSServiceError) {
        let isWellFormed = AWSNames.isAlphanumeric(name, or: "-_.")
        guard isWellFormed, DynamoDBLimits.nameCharacters.contains(name.utf8.count) else {
            throw DynamoDBErrors.validation(
                "1 validation error detected: Value '\(name)' at '\(member)' failed to satisfy constraint: Member must "
                    + "satisfy regular expression pattern: [a-zA-Z0-9_.-]+ and have 3 to 255 characters")
        }
    }

    private static func schema(_ input: AWSInput, _ types: [String: String]) throws(AWSServiceError) -> KeySchema {
        let elements = try input.required("KeySchema", try input.structures("KeySchema"))
        guard (1...2).contains(elements.count) else {
            throw DynamoDBErrors.validation(
                "1 validation error detected: Value at 'keySchema' failed to satisfy constraint: Member must have "
                    + "length from 1 to 2, it has \(elements.count)")
        }
        var keys: [KeyAttribute] = []
        for (element, expected) in zip(elements, ["HASH", "RANGE"]) {
            let name = try element.requiredString("AttributeName")
            guard try element.requiredString("KeyType") == expected else {
                throw DynamoDBErrors.validation(
                    "Invalid KeySchema: The \(expected == "HASH" ? "first" : "second") KeySchemaElement is not a "
                        + "\(expected) key type")
            }
            guard let type = types[name] else {
                throw DynamoDBErrors.validation(
                    "One or more parameter values were invalid: Some index key attributes are not defined in "
                        + "AttributeDefinitions. Keys: [\(name)], AttributeDefinitions: "
                        + "[\(types.keys.sorted().joined(separator: ", "))]")
            }
            keys.append(KeyAttribute(name: name, type: type))
        }
        if keys.count == 2, keys[0].name == keys[1].name {
            throw DynamoDBErrors.validation(
                "Both the Hash Key and the Range Key element in the KeySchema have the same name")
        }
        return KeySchema(hash: keys[0], range: keys.count == 2 ? keys[1] : nil)
    }

    private static func indexes(
        _ input: AWSInput, _ member: String, isGlobal: Bool, _ types: [String: String]
    ) throws(AWSServiceError) -> [SecondaryIndex] {
        var indexes: [SecondaryIndex] = []
        for element in try input.structures(member) ?? [] {
            let name = try element.requiredString("IndexName")
            try checkName(name, "indexName")
            guard !indexes.contains(where: { $0.name == name }) else {
                throw DynamoDBErrors.validation(
                    "One or more parameter values were invalid: Duplicate index name: \(name)")
            }
            let projection = try element.required("Projection", try element.nested("Projection"))
            let projected: Set<String>?
            switch try projection.string("ProjectionType") {
            case "ALL": projected = nil
            case "KEYS_ONLY": projected = []
            case "INCLUDE": projected = Set(try projection.strings("NonKeyAttributes") ?? [])
            case let other:
                throw DynamoDBErrors.validation(
                    "One or more parameter values were invalid: Unknown ProjectionType: \(other ?? "null")")
            }
            indexes.append(
                SecondaryIndex(
                    name: name, schema: try schema(element, types), isGlobal: isGlobal, projected: projected,
                    projectionWire: .object(projection.members)))
        }
        return indexes
    }
}
