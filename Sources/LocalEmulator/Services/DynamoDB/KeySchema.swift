/// One key attribute and the type every item must have there.
struct KeyAttribute: Sendable, Hashable {
    let name: String
    /// `S`, `N` or `B`.
    let type: String
}

/// The key of a table or an index.
struct KeySchema: Sendable, Hashable {
    let hash: KeyAttribute
    let range: KeyAttribute?

    var attributes: [KeyAttribute] { [hash] + (range.map { [$0] } ?? []) }

    var wire: JSONValue {
        var elements: [JSONValue] = [["AttributeName": .string(hash.name), "KeyType": "HASH"]]
        if let range { elements.append(["AttributeName": .string(range.name), "KeyType": "RANGE"]) }
        return .array(elements)
    }
}

/// The values of a table's key attributes.
struct PrimaryKey: Sendable, Hashable {
    let hash: DynamoDBValue
    let range: DynamoDBValue?

    /// Keys of one table have the same types, so they are always ordered.
    func precedes(_ other: PrimaryKey) -> Bool {
        if hash != other.hash { return DynamoDBValue.isLess(hash, other.hash) ?? false }
        guard let range, let otherRange = other.range else { return false }
        return DynamoDBValue.isLess(range, otherRange) ?? false
    }
}

extension KeySchema {
    /// The key of an item about to be stored.
    func primaryKey(ofItem item: DynamoDBItem) throws(AWSServiceError) -> PrimaryKey {
        for attribute in attributes {
            guard let value = item[attribute.name] else {
                throw DynamoDBErrors.validation(
                    "One or more parameter values were invalid: Missing the key \(attribute.name) in the item")
            }
            guard value.typeName == attribute.type else {
                throw DynamoDBErrors.validation(
                    "One or more parameter values were invalid: Type mismatch for key \(attribute.name) expected: "
                        + "\(attribute.type) actual: \(value.typeName)")
            }
        }
        return try checkedKey(item)
    }

    /// The key a request gives on its own: exactly the key attributes.
    func primaryKey(_ key: DynamoDBItem) throws(AWSServiceError) -> PrimaryKey {
        let matches = key.count == attributes.count && attributes.allSatisfy { key[$0.name]?.typeName == $0.type }
        guard matches else {
            throw DynamoDBErrors.validation("The provided key element does not match the schema")
        }
        return try checkedKey(key)
    }

    private func checkedKey(_ item: DynamoDBItem) throws(AWSServiceError) -> PrimaryKey {
        for attribute in attributes {
            guard let value = item[attribute.name] else { continue }
            if value.byteCount == 0 {
                throw DynamoDBErrors.validation(
                    "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain "
                        + "an empty \(value.typeName == "B" ? "binary" : "string") value. Key: \(attribute.name)")
            }
            let limit = attribute == hash ? DynamoDBLimits.hashKeyBytes : DynamoDBLimits.rangeKeyBytes
            guard value.byteCount <= limit else {
                throw DynamoDBErrors.validation(
                    "One or more parameter values were invalid: Size of \(attribute == hash ? "hashkey" : "rangekey") "
                        + "has exceeded the maximum size limit of \(limit) bytes")
            }
        }
        guard let hashValue = item[hash.name] else {
            throw DynamoDBErrors.validation("The provided key element does not match the schema")
        }
        return PrimaryKey(hash: hashValue, range: range.flatMap { item[$0.name] })
    }

    /// The key under which an index holds an item; `nil` when the item lacks one of its attributes and is left out.
    func indexKey(ofItem item: DynamoDBItem, indexName: String) throws(AWSServiceError) -> PrimaryKey? {
        for attribute in attributes {
            guard let value = item[attribute.name] else { continue }
            guard value.typeName == attribute.type else {
                throw DynamoDBErrors.validation(
                    "One or more parameter values were invalid: Type mismatch for Index Key \(attribute.name) "
                        + "Expected: \(attribute.type) Actual: \(value.typeName) IndexName: \(indexName)")
            }
            if value.byteCount == 0 {
                throw DynamoDBErrors.validation(
                    "One or more parameter values are not valid. A value specified for a secondary index key is not "
                        + "supported. The AttributeValue for a key attribute cannot contain an empty string value. "
                        + "IndexName: \(indexName), IndexKey: \(attribute.name)")
            }
        }
        guard let hashValue = item[hash.name] else { return nil }
        guard let range else { return PrimaryKey(hash: hashValue, range: nil) }
        return item[range.name].map { PrimaryKey(hash: hashValue, range: $0) }
    }
}
