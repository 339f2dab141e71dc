import Foundation
import Synchronization

extension DynamoDBService {
    func putItem(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let returned = try ReturnValues(input, allowed: [.none, .allOld])
        let outcome = try apply(try DynamoDBWriteParser.put(input))
        return Self.attributes(returned == .allOld ? outcome.old : nil)
    }

    func deleteItem(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let returned = try ReturnValues(input, allowed: [.none, .allOld])
        let outcome = try apply(try DynamoDBWriteParser.delete(input))
        return Self.attributes(returned == .allOld ? outcome.old : nil)
    }

    func updateItem(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let returned = try ReturnValues(input, allowed: ReturnValues.allCases)
        let write = try DynamoDBWriteParser.update(input)
        let outcome = try apply(write)
        guard case .update(let update) = write.change else { return [:] }
        switch returned {
        case .none: return [:]
        case .allOld: return Self.attributes(outcome.old)
        case .allNew: return Self.attributes(outcome.new)
        case .updatedOld: return Self.attributes(outcome.old.map { Projection.cut($0, to: update.paths) })
        case .updatedNew: return Self.attributes(outcome.new.map { Projection.cut($0, to: update.paths) })
        }
    }

    private static func attributes(_ item: DynamoDBItem?) -> JSONValue {
        guard let item, !item.isEmpty else { return [:] }
        return ["Attributes": item.wire]
    }

    func getItem(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let table = try input.requiredString("TableName")
        let get = try DynamoDBGet(input, table: table)
        let time = now()
        let item = try withTable(table) { (table) throws(AWSServiceError) in
            try get.read(from: table, nowMilliseconds: time)
        }
        return item.map { ["Item": $0.wire] } ?? [:]
    }
}

/// Which attributes a write answers with.
enum ReturnValues: String, CaseIterable, Sendable {
    case none = "NONE"
    case allOld = "ALL_OLD"
    case allNew = "ALL_NEW"
    case updatedOld = "UPDATED_OLD"
    case updatedNew = "UPDATED_NEW"

    init(_ input: AWSInput, allowed: [ReturnValues]) throws(AWSServiceError) {
        let text = try input.string("ReturnValues") ?? "NONE"
        guard let value = ReturnValues(rawValue: text) else {
            throw DynamoDBErrors.validation(
                "1 validation error detected: Value '\(text)' at 'returnValues' failed to satisfy constraint: Member "
                    + "must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]")
        }
        guard allowed.contains(value) else {
            throw DynamoDBErrors.validation("Return values set to invalid value: \(text)")
        }
        self = value
    }
}

/// Reads the write requests of single operations, batches and transactions, which share their members.
enum DynamoDBWriteParser {
    static func put(_ input: AWSInput) throws(AWSServiceError) -> DynamoDBWrite {
        let item = try input.required("Item", try input.item("Item"))
        return try write(input, key: item, change: .put(item))
    }

    static func delete(_ input: AWSInput) throws(AWSServiceError) -> DynamoDBWrite {
        try write(input, key: try input.required("Key", try input.item("Key")), change: .delete)
    }

    static func check(_ input: AWSInput) throws(AWSServiceError) -> DynamoDBWrite {
        guard input["ConditionExpression"] != nil else { throw input.missing("ConditionExpression") }
        return try write(input, key: try input.required("Key", try input.item("Key")), change: .check)
    }

    /// An update without an expression creates the item if it is not there.
    static func update(_ input: AWSInput) throws(AWSServiceError) -> DynamoDBWrite {
        var placeholders = try ExpressionPlaceholders(input)
        let text = try input.string("UpdateExpression")
        let update = try text.map { (text) throws(AWSServiceError) in try placeholders.update(text) }
        return try write(
            input, key: try input.required("Key", try input.item("Key")), change: .update(update ?? UpdateExpression()),
            placeholders: placeholders, hasExpression: text != nil)
    }

    private static func write(
        _ input: AWSInput, key: DynamoDBItem, change: DynamoDBWrite.Change,
        placeholders given: ExpressionPlaceholders? = nil, hasExpression: Bool = false
    ) throws(AWSServiceError) -> DynamoDBWrite {
        var placeholders: ExpressionPlaceholders
        if let given { placeholders = given } else { placeholders = try ExpressionPlaceholders(input) }
        let text = try input.string("ConditionExpression")
        let condition = try text.map { (text) throws(AWSServiceError) in
            try placeholders.condition(text, .condition)
        }
        try placeholders.checkAllUsed(anyExpression: hasExpression || text != nil)
        return DynamoDBWrite(
            table: try input.requiredString("TableName"), key: key, change: change, condition: condition,
            returnsItemOnFailure: try input.string("ReturnValuesOnConditionCheckFailure") == "ALL_OLD")
    }
}

/// One item to be read by its key.
struct DynamoDBGet: Sendable {
    let table: String
    let key: DynamoDBItem
    let projection: [DocumentPath]?

    init(_ input: AWSInput, table: String) throws(AWSServiceError) {
        self.table = table
        key = try input.required("Key", try input.item("Key"))
        projection = try Self.projection(input)
    }

    init(table: String, key: DynamoDBItem, projection: [DocumentPath]?) {
        self.table = table
        self.key = key
        self.projection = projection
    }

    /// The projection of a read that has no other expression.
    static func projection(_ input: AWSInput) throws(AWSServiceError) -> [DocumentPath]? {
        var placeholders = try ExpressionPlaceholders(input)
        let text = try input.string("ProjectionExpression")
        let projection = try text.map { (text) throws(AWSServiceError) in try placeholders.projection(text) }
        try placeholders.checkAllUsed(anyExpression: text != nil)
        return projection
    }

    func read(from table: DynamoDBTable, nowMilliseconds: Int64) throws(AWSServiceError) -> DynamoDBItem? {
        let item = table.item(try table.schema.primaryKey(key), nowMilliseconds: nowMilliseconds)
        guard let projection else { return item }
        return item.map { Projection.cut($0, to: projection) }
    }
}
