import AWSClient
import Domain
import FoundationEssentials

/// The event journal in a DynamoDB table with the key (`stream_id`, `version`).
///
/// An append is a put of every event under the condition that its version does not exist; several events go in one
/// transaction. The attribute `unpublished` is on an item until the stream carries the event; a sparse index over it
/// finds what a crash left behind.
public struct DynamoDBEventJournal: EventJournal, UnpublishedEvents {
    /// Attribute names of the table; the infrastructure and the projections' gap filling use the same.
    enum Attribute {
        static let streamID = "stream_id"
        static let version = "version"
        static let envelope = "envelope"
        static let eventID = "event_id"
        static let type = "type"
        static let merchantID = "merchant_id"
        static let unpublished = "unpublished"
    }

    /// The sparse index over the markers, in order of event ids, which is the order of time.
    static let unpublishedIndex = "unpublished-index"
    /// A command adds at most three events; only the relay has more, and nobody waits for it.
    static let maximumConcurrentUpdates = 10
    /// What the marker says; its presence is what counts.
    private static let marker = AttributeValue.string("1")

    private let client: DynamoDBClient
    private let table: String

    /// A journal in this table.
    public init(client: DynamoDBClient, table: String) {
        self.client = client
        self.table = table
    }

    public func load(_ stream: ChargeID) async throws(EventStoreError) -> [JournalEntry] {
        let items: [[String: AttributeValue]]
        do {
            items = try await client.query(
                table: table, keyCondition: "#stream = :stream", names: ["#stream": Attribute.streamID],
                values: [":stream": .string(stream.rawValue)], consistentRead: true)
        } catch {
            throw .unavailable("\(error)")
        }
        var entries: [JournalEntry] = []
        for item in items { entries.append(try Self.entry(item, stream: stream)) }
        return entries
    }

    public func append(_ entries: [JournalEntry]) async throws(EventStoreError) {
        guard let first = entries.first else { return }
        do {
            try await put(entries)
        } catch {
            try await settle(error, entries: entries, first: first)
        }
    }

    /// Removes the markers at the same time: somebody waits for the answer. One that cannot be removed keeps none of the
    /// others.
    ///
    /// - Throws: the first failure, after all were tried.
    public func markPublished(_ entries: [JournalEntry]) async throws(EventStoreError) {
        var failure: EventStoreError?
        for start in stride(from: 0, to: entries.count, by: Self.maximumConcurrentUpdates) {
            let batch = entries[start...].prefix(Self.maximumConcurrentUpdates)
            let failures = await withTaskGroup(of: EventStoreError?.self) { group in
                for entry in batch { group.addTask { await removeMarker(of: entry) } }
                return await group.reduce(into: [EventStoreError]()) { if let error = $1 { $0.append(error) } }
            }
            failure = failure ?? failures.first
        }
        if let failure { throw failure }
    }

    /// - Returns: what went wrong, if something did.
    private func removeMarker(of entry: JournalEntry) async -> EventStoreError? {
        do {
            // The condition keeps an update from creating an item that is not there.
            try await client.updateItem(
                table: table, key: Self.key(entry.envelope), update: "REMOVE #unpublished",
                condition: "attribute_exists(#stream)",
                names: ["#unpublished": Attribute.unpublished, "#stream": Attribute.streamID])
            return nil
        } catch {
            return .unavailable("\(error)")
        }
    }

    public func unpublished(limit: Int) async throws(EventStoreError) -> [JournalEntry] {
        let items: [[String: AttributeValue]]
        do {
            items = try await client.query(
                table: table, index: Self.unpublishedIndex, keyCondition: "#unpublished = :marker",
                names: ["#unpublished": Attribute.unpublished], values: [":marker": Self.marker], limit: limit)
        } catch {
            throw .unavailable("\(error)")
        }
        var entries: [JournalEntry] = []
        for item in items {
            let stream = ChargeID(rawValue: item[Attribute.streamID]?.stringValue ?? "")
            entries.append(try Self.entry(item, stream: stream))
        }
        return entries
    }

    private func put(_ entries: [JournalEntry]) async throws(AWSError) {
        let condition = ConditionExpression(
            "attribute_not_exists(#stream)", names: ["#stream": Attribute.streamID])
        if entries.count == 1, let entry = entries.first {
            try await client.putItem(table: table, item: Self.item(entry), condition: condition)
        } else {
            try await client.transactPut(
                entries.map { TransactPut(table: table, item: Self.item($0), condition: condition) })
        }
    }

    /// Finds out what became of an append that was answered with an error. A condition that did not hold may be the work
    /// of an earlier attempt of this very append whose answer was lost, and so may silence: the journal itself knows.
    private func settle(
        _ error: AWSError, entries: [JournalEntry], first: JournalEntry
    ) async throws(EventStoreError) {
        let stream = first.envelope.streamID
        let isConflict = error.conditionFailure != nil || Self.isTransactionConflict(error)
        guard isConflict || Self.mayHaveBeenWritten(error) else { throw .unavailable("\(error)") }
        let stored = try await load(stream)
        let ours = Set(entries.map(\.envelope.eventID))
        if ours.isSubset(of: stored.map(\.envelope.eventID)) { return }
        let isTaken = stored.contains { $0.envelope.version >= first.envelope.version }
        guard isConflict || isTaken else { throw .unavailable("\(error)") }
        throw .versionConflict(stream: stream.rawValue, version: first.envelope.version)
    }

    /// DynamoDB gave up on a transaction because another one touched the same items.
    private static func isTransactionConflict(_ error: AWSError) -> Bool {
        guard case .service(let failure) = error else { return false }
        return failure.code == "TransactionConflictException"
            || failure.cancellationReasons.contains("TransactionConflict")
    }

    private static func mayHaveBeenWritten(_ error: AWSError) -> Bool {
        switch error {
        case .configuration, .invalidRequest: false
        case .service(let failure): failure.status >= 500 || failure.followsAmbiguousAttempt
        case .transport(_, _, let error): error.requestMayHaveBeenProcessed
        case .malformedResponse: true
        }
    }

    // MARK: - Items

    private static func key(_ envelope: EventEnvelope) -> [String: AttributeValue] {
        [
            Attribute.streamID: .string(envelope.streamID.rawValue),
            Attribute.version: .number(String(envelope.version)),
        ]
    }

    private static func item(_ entry: JournalEntry) -> [String: AttributeValue] {
        let envelope = entry.envelope
        var item = key(envelope)
        item[Attribute.envelope] = .string(String(decoding: entry.bytes, as: UTF8.self))
        item[Attribute.eventID] = .string(envelope.eventID.rawValue)
        item[Attribute.type] = .string(envelope.type)
        item[Attribute.merchantID] = .string(envelope.merchantID.rawValue)
        item[Attribute.unpublished] = Self.marker
        return item
    }

    private static func entry(
        _ item: [String: AttributeValue], stream: ChargeID
    ) throws(EventStoreError) -> JournalEntry {
        guard let text = item[Attribute.envelope]?.stringValue else {
            throw .corrupt(stream: stream.rawValue, detail: "an item has no envelope")
        }
        let bytes = Data(text.utf8)
        do {
            return JournalEntry(
                envelope: try EventEnvelope.decoded(from: bytes), bytes: bytes,
                isPublished: item[Attribute.unpublished] == nil)
        } catch {
            throw .corrupt(stream: stream.rawValue, detail: "\(error)")
        }
    }
}
