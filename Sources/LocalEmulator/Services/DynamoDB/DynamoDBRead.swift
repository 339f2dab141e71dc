/// A Query or Scan, parsed: what to walk, in which direction, and what to keep.
struct DynamoDBRead: Sendable {
    let index: String?
    /// `nil` for a scan.
    let keyConditionExpression: Condition?
    let filter: Condition?
    let projection: [DocumentPath]?
    let limit: Int?
    let isAscending: Bool
    let startKey: DynamoDBItem?
    let onlyCounts: Bool
    private let isConsistent: Bool

    init(_ input: AWSInput, isQuery: Bool) throws(AWSServiceError) {
        index = try input.string("IndexName")
        var placeholders = try ExpressionPlaceholders(input)
        if isQuery {
            guard let text = try input.string("KeyConditionExpression") else {
                throw DynamoDBErrors.validation(
                    "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
            }
            keyConditionExpression = try placeholders.condition(text, .keyCondition)
        } else {
            keyConditionExpression = nil
            if input["Segment"] != nil || input["TotalSegments"] != nil {
                throw DynamoDBErrors.validation("The local emulator does not offer parallel scans (Segment).")
            }
        }
        let filterText = try input.string("FilterExpression")
        filter = try filterText.map { (text) throws(AWSServiceError) in try placeholders.condition(text, .filter) }
        let projectionText = try input.string("ProjectionExpression")
        projection = try projectionText.map { (text) throws(AWSServiceError) in try placeholders.projection(text) }
        try placeholders.checkAllUsed(anyExpression: isQuery || filterText != nil || projectionText != nil)
        limit = try input.integer("Limit")
        if let limit, limit < 1 {
            throw DynamoDBErrors.validation(
                "1 validation error detected: Value '\(limit)' at 'limit' failed to satisfy constraint: Member must "
                    + "have value greater than or equal to 1")
        }
        isAscending = try input.boolean("ScanIndexForward") ?? true
        startKey = try input.item("ExclusiveStartKey")
        isConsistent = try input.boolean("ConsistentRead") ?? false
        let select = try input.string("Select")
        onlyCounts = select == "COUNT"
        if onlyCounts, projection != nil {
            throw DynamoDBErrors.validation(
                "Cannot specify the ProjectionExpression when choosing to get only the Count")
        }
    }

    /// One page.
    struct Page: Sendable {
        var items: [DynamoDBItem] = []
        var count = 0
        var scannedCount = 0
        var lastKey: DynamoDBItem?
    }

    /// Reads one page: up to the limit of items or bytes, both counted before the filter.
    func page(of table: inout DynamoDBTable, nowMilliseconds: Int64) throws(AWSServiceError) -> Page {
        let schema = try table.schema(ofIndex: index)
        if isConsistent, let index, table.indexes[index]?.isGlobal == true {
            throw DynamoDBErrors.validation("Consistent reads are not supported on global secondary indexes")
        }
        let start = try startKey.map { (key) throws(AWSServiceError) in try startEntry(key, table, schema) }
        var page = Page()
        var bytes = 0
        if let keyConditionExpression {
            let condition = try KeyCondition(keyConditionExpression, schema: schema)
            try refuseKeysInFilter(schema)
            let entries = table.entries(index: index, hash: condition.hash, where: condition.range)
            _ = walk(entries, after: start?.entry, in: table, nowMilliseconds, &page, &bytes)
            return page
        }
        var after = start
        for hash in table.hashes(index: index) {
            if let start = after {
                if DynamoDBValue.isLess(hash, start.hash) ?? false { continue }
                if hash != start.hash { after = nil }
            }
            let entries = table.entries(index: index, hash: hash, where: nil)
            if walk(entries, after: after?.entry, in: table, nowMilliseconds, &page, &bytes) { break }
        }
        return page
    }

    /// Adds the items of one partition to the page; `true` when the page is full.
    private func walk(
        _ entries: ArraySlice<IndexEntry>, after start: IndexEntry?, in table: DynamoDBTable,
        _ nowMilliseconds: Int64, _ page: inout Page, _ bytes: inout Int
    ) -> Bool {
        var remaining = entries
        if let start {
            if isAscending {
                remaining = entries[OrderedIndex.firstIndex(of: entries) { start.precedes($0) }...]
            } else {
                remaining = entries[..<OrderedIndex.firstIndex(of: entries) { !$0.precedes(start) }]
            }
        }
        let count = remaining.count
        for offset in 0..<count {
            let entry =
                isAscending
                ? remaining[remaining.startIndex + offset] : remaining[remaining.endIndex - 1 - offset]
            guard let stored = table.item(entry.key, nowMilliseconds: nowMilliseconds) else { continue }
            let item = table.projected(stored, index: index)
            page.scannedCount += 1
            bytes += item.itemByteCount
            if filter?.holds(for: item) ?? true {
                page.count += 1
                if !onlyCounts { page.items.append(projection.map { Projection.cut(item, to: $0) } ?? item) }
            }
            if page.scannedCount == limit || bytes >= DynamoDBLimits.pageBytes {
                page.lastKey = table.resumeKey(stored, index: index)
                return true
            }
        }
        return false
    }

    private func startEntry(
        _ key: DynamoDBItem, _ table: DynamoDBTable, _ schema: KeySchema
    ) throws(AWSServiceError) -> (hash: DynamoDBValue, entry: IndexEntry) {
        let names = Set((table.schema.attributes + schema.attributes).map(\.name))
        let primaryPart = key.filter { item in table.schema.attributes.contains { $0.name == item.key } }
        guard Set(key.keys) == names, let primary = try? table.schema.primaryKey(primaryPart),
            let own = (try? schema.indexKey(ofItem: key, indexName: index ?? "")) ?? nil
        else {
            throw DynamoDBErrors.validation("The provided starting key is invalid")
        }
        return (own.hash, IndexEntry(range: own.range, key: primary))
    }

    private func refuseKeysInFilter(_ schema: KeySchema) throws(AWSServiceError) {
        guard let filter else { return }
        for attribute in schema.attributes where filter.attributes.contains(attribute.name) {
            throw DynamoDBErrors.validation(
                "Filter Expression can only contain non-primary key attributes: Primary key attribute: "
                    + attribute.name)
        }
    }
}

extension DynamoDBService {
    func query(_ input: AWSInput) throws(AWSServiceError) -> JSONValue { try read(input, isQuery: true) }

    func scan(_ input: AWSInput) throws(AWSServiceError) -> JSONValue { try read(input, isQuery: false) }

    private func read(_ input: AWSInput, isQuery: Bool) throws(AWSServiceError) -> JSONValue {
        let name = try input.requiredString("TableName")
        let read = try DynamoDBRead(input, isQuery: isQuery)
        let time = now()
        let page = try withTable(name) { (table) throws(AWSServiceError) in
            try read.page(of: &table, nowMilliseconds: time)
        }
        var output: [String: JSONValue] = [
            "Count": .integer(Int64(page.count)), "ScannedCount": .integer(Int64(page.scannedCount)),
        ]
        if !read.onlyCounts { output["Items"] = .array(page.items.map(\.wire)) }
        output["LastEvaluatedKey"] = page.lastKey?.wire
        return .object(output)
    }
}
