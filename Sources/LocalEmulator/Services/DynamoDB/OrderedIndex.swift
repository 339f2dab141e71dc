/// Where an item stands inside its partition. In a secondary index several items may share a sort key; the item's
/// own key then decides.
struct IndexEntry: Sendable, Hashable {
    let range: DynamoDBValue?
    let key: PrimaryKey

    func precedes(_ other: IndexEntry) -> Bool {
        if let range, let otherRange = other.range, range != otherRange {
            return DynamoDBValue.isLess(range, otherRange) ?? false
        }
        return key.precedes(other.key)
    }
}

/// The order of a table's or an index's items: by partition, and by sort key within each.
struct OrderedIndex: Sendable {
    private var partitions: [DynamoDBValue: [IndexEntry]] = [:]
    private var sortedHashes: [DynamoDBValue]?

    mutating func insert(_ entry: IndexEntry, hash: DynamoDBValue) {
        if partitions[hash] == nil { sortedHashes = nil }
        let position = Self.firstIndex(of: partitions[hash] ?? []) { !$0.precedes(entry) }
        if let existing = partitions[hash], position < existing.count, existing[position] == entry { return }
        partitions[hash, default: []].insert(entry, at: position)
    }

    mutating func remove(_ entry: IndexEntry, hash: DynamoDBValue) {
        guard let entries = partitions[hash] else { return }
        let position = Self.firstIndex(of: entries) { !$0.precedes(entry) }
        guard position < entries.count, entries[position] == entry else { return }
        partitions[hash]?.remove(at: position)
        if partitions[hash]?.isEmpty == true {
            partitions[hash] = nil
            sortedHashes = nil
        }
    }

    /// The entries of one partition that a sort-key condition allows.
    func entries(hash: DynamoDBValue, where condition: SortKeyCondition?) -> ArraySlice<IndexEntry> {
        guard let entries = partitions[hash] else { return [] }
        guard let condition else { return entries[...] }
        let lower = Self.firstIndex(of: entries) { condition.place(of: $0.range) != .before }
        let upper = Self.firstIndex(of: entries) { condition.place(of: $0.range) == .after }
        return lower < upper ? entries[lower..<upper] : []
    }

    /// All partitions in a fixed order, which a scan walks. Sorted only when a partition came or went since.
    mutating func hashes() -> [DynamoDBValue] {
        if let sortedHashes { return sortedHashes }
        let sorted = partitions.keys.sorted { DynamoDBValue.isLess($0, $1) ?? false }
        sortedHashes = sorted
        return sorted
    }

    /// Binary search for the first entry that satisfies a predicate which stays true from there on.
    static func firstIndex(of entries: [IndexEntry], where predicate: (IndexEntry) -> Bool) -> Int {
        firstIndex(of: entries[...], where: predicate)
    }

    static func firstIndex(of entries: ArraySlice<IndexEntry>, where predicate: (IndexEntry) -> Bool) -> Int {
        var low = entries.startIndex
        var high = entries.endIndex
        while low < high {
            let middle = (low + high) / 2
            if predicate(entries[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// What a query may ask of the sort key: always one contiguous run of a partition.
enum SortKeyCondition: Sendable {
    case compare(Comparator, DynamoDBValue)
    case between(DynamoDBValue, DynamoDBValue)
    case beginsWith(DynamoDBValue)

    enum Place { case before, inside, after }

    /// Where a value lies relative to the run.
    func place(of value: DynamoDBValue?) -> Place {
        guard let value else { return .before }
        func isLess(_ left: DynamoDBValue, _ right: DynamoDBValue) -> Bool {
            DynamoDBValue.isLess(left, right) ?? false
        }
        switch self {
        case .compare(.equal, let bound):
            return isLess(value, bound) ? .before : value == bound ? .inside : .after
        case .compare(.less, let bound): return isLess(value, bound) ? .inside : .after
        case .compare(.lessOrEqual, let bound): return isLess(bound, value) ? .after : .inside
        case .compare(.greater, let bound): return isLess(bound, value) ? .inside : .before
        case .compare(_, let bound): return isLess(value, bound) ? .before : .inside
        case .between(let low, let high):
            return isLess(value, low) ? .before : isLess(high, value) ? .after : .inside
        case .beginsWith(let prefix):
            if value.begins(with: prefix) { return .inside }
            return isLess(value, prefix) ? .before : .after
        }
    }
}

extension DynamoDBValue {
    fileprivate func begins(with prefix: DynamoDBValue) -> Bool {
        switch (self, prefix) {
        case (.string(let text), .string(let prefix)): text.text.utf8.starts(with: prefix.text.utf8)
        case (.binary(let data), .binary(let prefix)): data.starts(with: prefix)
        default: false
        }
    }
}
