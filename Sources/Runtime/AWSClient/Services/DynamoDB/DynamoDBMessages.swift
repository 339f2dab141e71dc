// The requests and responses of the DynamoDB operations in use (Amazon DynamoDB API Reference, version 2012-08-10).
// Empty maps of names or values are refused by the service, so they are left out.

/// What is to come back when a condition does not hold.
enum ReturnOnConditionFailure: String, Encodable, Sendable {
    case allOld = "ALL_OLD"
}

/// The attributes an update hands back.
enum ReturnValues: String, Encodable, Sendable {
    case allNew = "ALL_NEW"
}

struct GetItemRequest: Encodable, Sendable {
    let tableName: String
    let key: [String: AttributeValue]
    let consistentRead: Bool

    private enum CodingKeys: String, CodingKey {
        case tableName = "TableName"
        case key = "Key"
        case consistentRead = "ConsistentRead"
    }
}

struct GetItemResponse: Decodable, Sendable {
    let item: [String: AttributeValue]?

    private enum CodingKeys: String, CodingKey {
        case item = "Item"
    }
}

/// `PutItem`, and one `Put` of a transaction: the fields are the same.
struct PutItemRequest: Encodable, Sendable {
    let tableName: String
    let item: [String: AttributeValue]
    let conditionExpression: String?
    let names: [String: String]?
    let values: [String: AttributeValue]?
    let returnOnConditionFailure: ReturnOnConditionFailure?

    init(table: String, item: [String: AttributeValue], condition: ConditionExpression?) {
        tableName = table
        self.item = item
        conditionExpression = condition?.expression
        names = condition?.names.nonEmpty
        values = condition?.values.nonEmpty
        returnOnConditionFailure = condition.map { _ in .allOld }
    }

    private enum CodingKeys: String, CodingKey {
        case tableName = "TableName"
        case item = "Item"
        case conditionExpression = "ConditionExpression"
        case names = "ExpressionAttributeNames"
        case values = "ExpressionAttributeValues"
        case returnOnConditionFailure = "ReturnValuesOnConditionCheckFailure"
    }
}

struct UpdateItemRequest: Encodable, Sendable {
    let tableName: String
    let key: [String: AttributeValue]
    let updateExpression: String
    let conditionExpression: String?
    let names: [String: String]?
    let values: [String: AttributeValue]?
    let returnValues = ReturnValues.allNew
    let returnOnConditionFailure: ReturnOnConditionFailure?

    private enum CodingKeys: String, CodingKey {
        case tableName = "TableName"
        case key = "Key"
        case updateExpression = "UpdateExpression"
        case conditionExpression = "ConditionExpression"
        case names = "ExpressionAttributeNames"
        case values = "ExpressionAttributeValues"
        case returnValues = "ReturnValues"
        case returnOnConditionFailure = "ReturnValuesOnConditionCheckFailure"
    }
}

struct UpdateItemResponse: Decodable, Sendable {
    let attributes: [String: AttributeValue]?

    private enum CodingKeys: String, CodingKey {
        case attributes = "Attributes"
    }
}

struct DeleteItemRequest: Encodable, Sendable {
    let tableName: String
    let key: [String: AttributeValue]
    let conditionExpression: String?
    let names: [String: String]?
    let values: [String: AttributeValue]?
    let returnOnConditionFailure: ReturnOnConditionFailure?

    private enum CodingKeys: String, CodingKey {
        case tableName = "TableName"
        case key = "Key"
        case conditionExpression = "ConditionExpression"
        case names = "ExpressionAttributeNames"
        case values = "ExpressionAttributeValues"
        case returnOnConditionFailure = "ReturnValuesOnConditionCheckFailure"
    }
}

/// `Query`, and without a key condition `Scan`: the fields in use are the same.
struct ReadPageRequest: Encodable, Sendable {
    var tableName: String
    var indexName: String?
    var keyConditionExpression: String?
    var names: [String: String]?
    var values: [String: AttributeValue]?
    var scanIndexForward: Bool?
    var consistentRead: Bool
    var limit: Int?
    var exclusiveStartKey: [String: AttributeValue]?

    private enum CodingKeys: String, CodingKey {
        case tableName = "TableName"
        case indexName = "IndexName"
        case keyConditionExpression = "KeyConditionExpression"
        case names = "ExpressionAttributeNames"
        case values = "ExpressionAttributeValues"
        case scanIndexForward = "ScanIndexForward"
        case consistentRead = "ConsistentRead"
        case limit = "Limit"
        case exclusiveStartKey = "ExclusiveStartKey"
    }
}

struct ReadPageResponse: Decodable, Sendable {
    let items: [[String: AttributeValue]]
    let lastEvaluatedKey: [String: AttributeValue]?

    private enum CodingKeys: String, CodingKey {
        case items = "Items"
        case lastEvaluatedKey = "LastEvaluatedKey"
    }
}

struct TransactWriteItemsRequest: Encodable, Sendable {
    let clientRequestToken: String
    let transactItems: [TransactWriteItem]

    private enum CodingKeys: String, CodingKey {
        case clientRequestToken = "ClientRequestToken"
        case transactItems = "TransactItems"
    }
}

struct TransactWriteItem: Encodable, Sendable {
    let put: PutItemRequest

    private enum CodingKeys: String, CodingKey {
        case put = "Put"
    }
}

extension Dictionary {
    /// `nil` in place of an empty dictionary.
    var nonEmpty: Self? { isEmpty ? nil : self }
}
