/// A secondary index of a table.
struct SecondaryIndex: Sendable {
    let name: String
    let schema: KeySchema
    let isGlobal: Bool
    /// Attributes besides the keys that a read through the index sees; `nil` for all.
    let projected: Set<String>?
    let projectionWire: JSONValue
    var order = OrderedIndex()
}

/// A write to one item, parsed but not yet checked against what is stored.
struct DynamoDBWrite: Sendable {
    enum Change: Sendable {
        case put(DynamoDBItem)
        case update(UpdateExpression)
        case delete
        /// Nothing changes; only the condition is checked (transactions).
        case check
    }

    let table: String
    /// The key attributes; for a put the whole item.
    let key: DynamoDBItem
    let change: Change
    var condition: Condition?
    var returnsItemOnFailure = false
}

/// What a write does once its condition held.
struct DynamoDBWriteOutcome: Sendable {
    let key: PrimaryKey
    let old: DynamoDBItem?
    let new: DynamoDBItem?
}

/// A table with its items and indexes. Pure state: the service owns locking and the clock.
struct DynamoDBTable: Sendable {
    let name: String
    let arn: String
    let id: String
    let createdMilliseconds: Int64
    let schema: KeySchema
    let isOnDemand: Bool
    let throughput: (read: Int, write: Int)
    var indexes: [String: SecondaryIndex]
    var timeToLiveAttribute: String?
    private(set) var items: [PrimaryKey: DynamoDBItem] = [:]
    private(set) var order = OrderedIndex()

    init(
        name: String, arn: String, id: String, createdMilliseconds: Int64, schema: KeySchema, isOnDemand: Bool,
        throughput: (read: Int, write: Int), indexes: [String: SecondaryIndex]
    ) {
        self.name = name
        self.arn = arn
        self.id = id
        self.createdMilliseconds = createdMilliseconds
        self.schema = schema
        self.isOnDemand = isOnDemand
        self.throughput = throughput
        self.indexes = indexes
    }

    var byteCount: Int { items.values.reduce(0) { $0 + $1.itemByteCount } }

    /// The item of a key, unless its time to live is over.
    func item(_ key: PrimaryKey, nowMilliseconds: Int64) -> DynamoDBItem? {
        guard let item = items[key], !isExpired(item, nowMilliseconds: nowMilliseconds) else { return nil }
        return item
    }

    /// AWS deletes expired items some time later; here they are gone at once, so that nothing comes to rely on them.
    private func isExpired(_ item: DynamoDBItem, nowMilliseconds: Int64) -> Bool {
        guard let timeToLiveAttribute, case .number(let expiry) = item[timeToLiveAttribute] else { return false }
        let now = Int(nowMilliseconds / 1000)
        let oldest = now - Int(DynamoDBLimits.timeToLiveMaximumAgeSeconds)
        return expiry <= DynamoDBNumber(now) && expiry > DynamoDBNumber(oldest)
    }

    // MARK: Writing

    /// Checks a write against the stored item and works out its result, changing nothing.
    ///
    /// - Throws: `ConditionalCheckFailedException`, or `ValidationException` for what cannot be stored.
    func outcome(of write: DynamoDBWrite, nowMilliseconds: Int64) throws(AWSServiceError) -> DynamoDBWriteOutcome {
        let key: PrimaryKey
        if case .put(let item) = write.change {
            key = try schema.primaryKey(ofItem: item)
        } else {
            key = try schema.primaryKey(write.key)
        }
        let old = item(key, nowMilliseconds: nowMilliseconds)
        if let condition = write.condition, !condition.holds(for: old ?? [:]) {
            throw DynamoDBErrors.conditionFailed(write.returnsItemOnFailure ? old : nil)
        }
        let new: DynamoDBItem?
        switch write.change {
        case .check: new = old
        case .delete: new = nil
        case .put(let item):
            guard item.itemByteCount <= DynamoDBLimits.itemBytes else { throw DynamoDBErrors.itemTooLarge }
            new = item
        case .update(let update):
            for path in update.paths where schema.attributes.contains(where: { $0.name == path.attribute }) {
                throw DynamoDBErrors.validation(
                    "One or more parameter values were invalid: Cannot update attribute \(path.attribute). "
                        + "This attribute is part of the key")
            }
            let updated = try update.applied(to: old ?? write.key)
            guard updated.itemByteCount <= DynamoDBLimits.itemBytes else { throw DynamoDBErrors.updatedItemTooLarge }
            new = updated
        }
        if let new {
            for index in indexes.values { _ = try index.schema.indexKey(ofItem: new, indexName: index.name) }
        }
        return DynamoDBWriteOutcome(key: key, old: old, new: new)
    }

    /// Stores what `outcome(of:)` worked out.
    mutating func store(_ outcome: DynamoDBWriteOutcome) {
        let key = outcome.key
        // Not `outcome.old`: an expired item is no longer seen but still has its index entries.
        if let stored = items[key] { removeFromIndexes(stored, key) }
        guard let new = outcome.new else {
            items[key] = nil
            order.remove(IndexEntry(range: key.range, key: key), hash: key.hash)
            return
        }
        items[key] = new
        order.insert(IndexEntry(range: key.range, key: key), hash: key.hash)
        for (name, index) in indexes {
            guard let indexKey = try? index.schema.indexKey(ofItem: new, indexName: name) else { continue }
            indexes[name]?.order.insert(IndexEntry(range: indexKey.range, key: key), hash: indexKey.hash)
        }
    }

    private mutating func removeFromIndexes(_ item: DynamoDBItem, _ key: PrimaryKey) {
        for (name, index) in indexes {
            guard let indexKey = try? index.schema.indexKey(ofItem: item, indexName: name) else { continue }
            indexes[name]?.order.remove(IndexEntry(range: indexKey.range, key: key), hash: indexKey.hash)
        }
    }

    // MARK: Reading in order

    /// The order and schema of the table itself or of one of its indexes.
    func schema(ofIndex name: String?) throws(AWSServiceError) -> KeySchema {
        guard let name else { return schema }
        guard let index = indexes[name] else {
            throw DynamoDBErrors.validation("The table does not have the specified index: \(name)")
        }
        return index.schema
    }

    func entries(
        index: String?, hash: DynamoDBValue, where condition: SortKeyCondition?
    ) -> ArraySlice<IndexEntry> {
        guard let index else { return order.entries(hash: hash, where: condition) }
        return indexes[index]?.order.entries(hash: hash, where: condition) ?? []
    }

    mutating func hashes(index: String?) -> [DynamoDBValue] {
        guard let index else { return order.hashes() }
        return indexes[index]?.order.hashes() ?? []
    }

    /// An item as a read through an index sees it.
    func projected(_ item: DynamoDBItem, index name: String?) -> DynamoDBItem {
        guard let name, let index = indexes[name], let projected = index.projected else { return item }
        let keys = Set((schema.attributes + index.schema.attributes).map(\.name))
        return item.filter { keys.contains($0.key) || projected.contains($0.key) }
    }

    /// The key attributes by which a reader resumes: the table's and the index's.
    func resumeKey(_ item: DynamoDBItem, index name: String?) -> DynamoDBItem {
        let indexAttributes = name.flatMap { indexes[$0]?.schema.attributes } ?? []
        let keys = Set((schema.attributes + indexAttributes).map(\.name))
        return item.filter { keys.contains($0.key) }
    }
}
