import Cryptography

/// A condition a write depends on, in DynamoDB's expression language, with its placeholders.
public struct ConditionExpression: Sendable, Equatable {
    /// Such as `attribute_not_exists(#id)`.
    public var expression: String
    /// What `#name` placeholders stand for.
    public var names: [String: String]
    /// What `:value` placeholders stand for.
    public var values: [String: AttributeValue]

    /// A condition made of its parts.
    public init(_ expression: String, names: [String: String] = [:], values: [String: AttributeValue] = [:]) {
        self.expression = expression
        self.names = names
        self.values = values
    }
}

/// One item to be put by a transaction.
public struct TransactPut: Sendable, Equatable {
    /// The table to write to.
    public var table: String
    /// The whole item.
    public var item: [String: AttributeValue]
    /// What must hold for the transaction to happen.
    public var condition: ConditionExpression?

    /// A put made of its parts.
    public init(table: String, item: [String: AttributeValue], condition: ConditionExpression? = nil) {
        self.table = table
        self.item = item
        self.condition = condition
    }
}

/// Amazon DynamoDB: single items, queries, and transactions of puts.
///
/// **Conditions and retries.** An attempt that got no answer may have been carried out, and is repeated all the same.
/// When the repetition then finds its condition broken, that may be the earlier attempt's own work: the error is a
/// condition failure (`AWSError.conditionFailure`) with `followsAmbiguousAttempt` set and the stored item in `item`,
/// and the caller decides by comparing. `transactPut` does not have this ambiguity: a token makes DynamoDB answer a
/// repetition with success.
public struct DynamoDBClient: Sendable {
    /// Actions in one transaction (DynamoDB API Reference, "TransactWriteItems").
    public static let maximumTransactionItems = 100
    /// Pages one query or scan may take; a page holds up to 1 MB, so this is far above any read a function should do.
    public static let maximumPages = 1_000
    /// Random bytes in a transaction token; as hexadecimal they fit the 36 characters allowed.
    private static let transactionTokenBytes = 16

    private let aws: AWSClient

    /// A client that sends through `aws`.
    public init(_ aws: AWSClient) {
        self.aws = aws
    }

    /// The item with the given key, or `nil`.
    ///
    /// - Parameter consistentRead: whether every write finished before is to be seen.
    public func getItem(
        table: String, key: [String: AttributeValue], consistentRead: Bool = true
    ) async throws(AWSError) -> [String: AttributeValue]? {
        let request = GetItemRequest(tableName: table, key: key, consistentRead: consistentRead)
        let response = try await aws.call(.dynamoDB, "GetItem", request, returning: GetItemResponse.self)
        return response.item
    }

    /// Writes a whole item, replacing one with the same key. See "Conditions and retries" above.
    public func putItem(
        table: String, item: [String: AttributeValue], condition: ConditionExpression? = nil
    ) async throws(AWSError) {
        let request = PutItemRequest(table: table, item: item, condition: condition)
        _ = try await aws.call(.dynamoDB, "PutItem", request, returning: EmptyResponse.self)
    }

    /// Changes attributes of one item, which is created when it does not exist.
    ///
    /// The call may be carried out twice when an answer is lost: an `update` that adds (`ADD`, `SET a = a + :n`) needs
    /// a condition that fails the second time. See "Conditions and retries" above.
    ///
    /// - Returns: the whole item after the update.
    @discardableResult
    public func updateItem(
        table: String, key: [String: AttributeValue], update: String, condition: String? = nil,
        names: [String: String] = [:], values: [String: AttributeValue] = [:]
    ) async throws(AWSError) -> [String: AttributeValue] {
        let request = UpdateItemRequest(
            tableName: table, key: key, updateExpression: update, conditionExpression: condition,
            names: names.nonEmpty, values: values.nonEmpty,
            returnOnConditionFailure: condition.map { _ in .allOld })
        let response = try await aws.call(.dynamoDB, "UpdateItem", request, returning: UpdateItemResponse.self)
        return response.attributes ?? [:]
    }

    /// Deletes the item with the given key; deleting what is not there succeeds.
    public func deleteItem(
        table: String, key: [String: AttributeValue], condition: ConditionExpression? = nil
    ) async throws(AWSError) {
        let request = DeleteItemRequest(
            tableName: table, key: key, conditionExpression: condition?.expression,
            names: condition?.names.nonEmpty, values: condition?.values.nonEmpty,
            returnOnConditionFailure: condition.map { _ in .allOld })
        _ = try await aws.call(.dynamoDB, "DeleteItem", request, returning: EmptyResponse.self)
    }

    /// Every item that meets a key condition, in the order of the sort key, all pages together.
    ///
    /// - Parameters:
    ///   - index: a secondary index to read instead of the table; global ones know no consistent reads.
    ///   - ascending: the direction along the sort key.
    ///   - limit: how many items to return at most; `nil` for all.
    ///   - consistentRead: whether every write finished before is to be seen; by default for tables, not for indexes.
    public func query(
        table: String, index: String? = nil, keyCondition: String, names: [String: String] = [:],
        values: [String: AttributeValue], ascending: Bool = true, limit: Int? = nil, consistentRead: Bool? = nil
    ) async throws(AWSError) -> [[String: AttributeValue]] {
        let request = ReadPageRequest(
            tableName: table, indexName: index, keyConditionExpression: keyCondition, names: names.nonEmpty,
            values: values.nonEmpty, scanIndexForward: ascending, consistentRead: consistentRead ?? (index == nil))
        return try await allPages("Query", request, limit: limit)
    }

    /// Every item of a table, all pages together, in no particular order. For small tables of settings only.
    public func scan(
        table: String, limit: Int? = nil, consistentRead: Bool = true
    ) async throws(AWSError) -> [[String: AttributeValue]] {
        let request = ReadPageRequest(tableName: table, consistentRead: consistentRead)
        return try await allPages("Scan", request, limit: limit)
    }

    /// Puts all items or none. See "Conditions and retries" above.
    ///
    /// - Parameter clientRequestToken: makes repetitions of the call within ten minutes succeed without writing again
    ///   (1 to 36 characters); by default a random one per call, so that only the call's own retries count as
    ///   repetitions.
    /// - Throws: `AWSError.service` with code `TransactionCanceledException` and `cancellationReasons` when a condition
    ///   did not hold; `AWSError.invalidRequest` for no or more than `maximumTransactionItems` items.
    public func transactPut(_ puts: [TransactPut], clientRequestToken: String? = nil) async throws(AWSError) {
        guard (1...Self.maximumTransactionItems).contains(puts.count) else {
            throw .invalidRequest(
                service: .dynamoDB, operation: "TransactWriteItems",
                detail: "\(puts.count) items; a transaction has 1 to \(Self.maximumTransactionItems)")
        }
        let request = TransactWriteItemsRequest(
            clientRequestToken: clientRequestToken ?? Hex.encode(SecureRandom.bytes(Self.transactionTokenBytes)),
            transactItems: puts.map {
                TransactWriteItem(put: PutItemRequest(table: $0.table, item: $0.item, condition: $0.condition))
            })
        _ = try await aws.call(.dynamoDB, "TransactWriteItems", request, returning: EmptyResponse.self)
    }

    private func allPages(
        _ operation: String, _ firstPage: ReadPageRequest, limit: Int?
    ) async throws(AWSError) -> [[String: AttributeValue]] {
        var request = firstPage
        var items: [[String: AttributeValue]] = []
        for _ in 0..<Self.maximumPages {
            request.limit = limit.map { $0 - items.count }
            let page = try await aws.call(.dynamoDB, operation, request, returning: ReadPageResponse.self)
            items += page.items
            if let limit, items.count >= limit { return items }
            guard let next = page.lastEvaluatedKey, !next.isEmpty else { return items }
            request.exclusiveStartKey = next
        }
        throw .malformedResponse(
            service: .dynamoDB, operation: operation, detail: "more than \(Self.maximumPages) pages")
    }
}
