import Foundation
import Synchronization

/// Amazon DynamoDB over the JSON 1.0 protocol: tables with secondary indexes, expressions, transactions, time to
/// live; all state in memory.
///
/// One lock covers everything, so every operation is atomic and every read is consistent. Streams, the parameters
/// from before expressions, throughput limits and PartiQL are not offered and are refused by name.
public final class DynamoDBService: AWSService {
    static let targetPrefix = "DynamoDB_20120810"

    struct State: Sendable {
        var tables: [String: DynamoDBTable] = [:]
        var transactionTokens = TransactionTokens()
    }

    /// The name in the credential scope.
    public let signingName = "dynamodb"

    let account: AWSAccount
    let now: @Sendable () -> Int64
    let state = Mutex(State())

    private let protocolJSON = AWSJSONProtocol(
        version: "1.0", targetPrefix: DynamoDBService.targetPrefix, typeNamespace: DynamoDBErrors.typeNamespace,
        missingMember: DynamoDBErrors.missingMember)

    /// Makes a service without tables.
    ///
    /// - Parameter now: milliseconds since 1970; time to live is judged by it.
    public init(
        account: String, region: String, now: @escaping @Sendable () -> Int64 = EmulatorClock.nowMilliseconds
    ) {
        self.account = AWSAccount(id: account, region: region)
        self.now = now
    }

    /// Answers one request of the wire protocol.
    public func handle(_ request: HTTPServerRequest) -> HTTPServerResponse {
        protocolJSON.respond(to: request) { (operation, input) throws(AWSServiceError) in
            try perform(operation, input)
        }
    }

    // MARK: For the emulator

    /// A key attribute for `createTable`.
    public struct Key: Sendable, Hashable {
        /// The attribute's name.
        public let name: String
        /// `S`, `N` or `B`.
        public let type: String

        /// Makes a key attribute; text unless said otherwise.
        public init(_ name: String, _ type: String = "S") {
            self.name = name
            self.type = type
        }
    }

    /// A global secondary index for `createTable`; it sees all attributes.
    public struct Index: Sendable, Hashable {
        /// The index's name.
        public let name: String
        /// Its partition key.
        public let hashKey: Key
        /// Its sort key, if any.
        public let rangeKey: Key?

        /// Makes an index description.
        public init(name: String, hashKey: Key, rangeKey: Key? = nil) {
            self.name = name
            self.hashKey = hashKey
            self.rangeKey = rangeKey
        }
    }

    /// Creates a table.
    ///
    /// - Parameter timeToLiveAttribute: the attribute holding an item's expiry in seconds since 1970, if any.
    /// - Throws: `ResourceInUseException` when there is a table of that name.
    public func createTable(
        name: String, hashKey: Key, rangeKey: Key? = nil, indexes: [Index] = [], timeToLiveAttribute: String? = nil
    ) throws(AWSServiceError) {
        func schema(_ hash: Key, _ range: Key?) -> KeySchema {
            KeySchema(
                hash: KeyAttribute(name: hash.name, type: hash.type),
                range: range.map { KeyAttribute(name: $0.name, type: $0.type) })
        }
        let secondary = indexes.map { index in
            SecondaryIndex(
                name: index.name, schema: schema(index.hashKey, index.rangeKey), isGlobal: true, projected: nil,
                projectionWire: ["ProjectionType": "ALL"])
        }
        var table = DynamoDBTable(
            name: name, arn: account.arn("dynamodb", "table/\(name)"), id: UUID().uuidString.lowercased(),
            createdMilliseconds: now(), schema: schema(hashKey, rangeKey), isOnDemand: true, throughput: (0, 0),
            indexes: Dictionary(secondary.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }))
        table.timeToLiveAttribute = timeToLiveAttribute
        try add(table)
    }

    /// Creates a table as a template or a CreateTable call describes it.
    ///
    /// - Parameters:
    ///   - definition: the input of CreateTable in wire form.
    ///   - timeToLive: the attribute holding an item's expiry in seconds since 1970, if any.
    public func createTable(_ definition: JSONValue, timeToLive: String? = nil) throws(AWSServiceError) {
        guard case .object(let members) = definition else {
            throw AWSServiceError("SerializationException", "A table's definition must be a JSON object.")
        }
        let input = AWSInput(members: members, missing: DynamoDBErrors.missingMember)
        var table = try CreateTableRequest(input).table(account: account, nowMilliseconds: now())
        table.timeToLiveAttribute = timeToLive
        try add(table)
    }

    /// The names of all tables, sorted.
    public func tableNames() -> [String] { state.withLock { $0.tables.keys.sorted() } }

    /// Stores an item given in wire form (`{"id": {"S": "…"}}`) under the same rules as the wire operation.
    public func putItem(table: String, item: JSONValue) throws(AWSServiceError) {
        let input = AWSInput(members: ["Item": item], missing: DynamoDBErrors.missingMember)
        let item = try input.required("Item", try input.item("Item"))
        _ = try apply(DynamoDBWrite(table: table, key: item, change: .put(item)))
    }

    /// Every item of a table in wire form, in a fixed order; nothing when there is no such table.
    public func scan(table: String) -> [JSONValue] {
        let time = now()
        return state.withLock { state in
            guard let hashes = state.tables[table]?.hashes(index: nil), let table = state.tables[table] else {
                return []
            }
            return hashes.flatMap { table.entries(index: nil, hash: $0, where: nil) }
                .compactMap { table.item($0.key, nowMilliseconds: time)?.wire }
        }
    }

    /// Forgets every table and item.
    public func reset() {
        state.withLock { $0 = State() }
    }

    // MARK: Shared with the wire operations

    func add(_ table: DynamoDBTable) throws(AWSServiceError) {
        try state.withLock { (state) throws(AWSServiceError) in
            guard state.tables[table.name] == nil else {
                throw AWSServiceError("ResourceInUseException", "Table already exists: \(table.name)")
            }
            state.tables[table.name] = table
        }
    }

    /// Performs one write atomically.
    func apply(_ write: DynamoDBWrite) throws(AWSServiceError) -> DynamoDBWriteOutcome {
        let time = now()
        return try state.withLock { (state) throws(AWSServiceError) in
            guard let outcome = try state.tables[write.table]?.outcome(of: write, nowMilliseconds: time) else {
                throw Self.resourceNotFound
            }
            state.tables[write.table]?.store(outcome)
            return outcome
        }
    }

    /// What item operations say of an unknown table; they do not repeat its name.
    static let resourceNotFound = AWSServiceError("ResourceNotFoundException", "Requested resource not found")

    /// Reads from one table.
    func withTable<Value: Sendable>(
        _ name: String, _ body: (inout DynamoDBTable) throws(AWSServiceError) -> Value
    ) throws(AWSServiceError) -> Value {
        try state.withLock { (state) throws(AWSServiceError) in
            guard var table = state.tables.removeValue(forKey: name) else { throw Self.resourceNotFound }
            // Taken out while it is worked on so that nothing is copied; put back whatever happens.
            defer { state.tables[name] = table }
            return try body(&table)
        }
    }
}
