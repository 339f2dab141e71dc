import Foundation

/// Amazon Kinesis Data Streams over the JSON 1.1 protocol; all state in memory.
///
/// Streams never throttle and are never resharded; the throughput limits per shard are not enforced.
public final class KinesisService: AWSService {
    static let targetPrefix = "Kinesis_20131202"

    struct State: Sendable {
        var streams: [String: KinesisStream] = [:]
        /// Raised to make every waiting reader return at once.
        var wakeGeneration = 0
    }

    /// The name in the credential scope.
    public let signingName = "kinesis"

    let account: AWSAccount
    let now: @Sendable () -> Int64
    let monitor = Monitor(State())

    private let protocolJSON = AWSJSONProtocol(
        version: "1.1", targetPrefix: KinesisService.targetPrefix, typeNamespace: { _ in "" },
        missingMember: { name in
            AWSServiceError(
                "ValidationException",
                "1 validation error detected: Value null at '\(name.prefix(1).lowercased() + name.dropFirst())' "
                    + "failed to satisfy constraint: Member must not be null")
        })

    /// Makes a service without streams.
    ///
    /// - Parameter now: milliseconds since 1970.
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

    /// Creates a stream.
    ///
    /// - Returns: its ARN.
    /// - Throws: `ResourceInUseException` when there is one of that name.
    @discardableResult
    public func createStream(name: String, shardCount: Int = 1) throws(AWSServiceError) -> String {
        try create(name: name, shardCount: shardCount, isOnDemand: false)
    }

    /// The ARN a stream of that name has or would have.
    public func arn(ofStream name: String) -> String { account.arn("kinesis", "stream/\(name)") }

    /// The names of all streams, sorted.
    public func streamNames() -> [String] { monitor.read { $0.streams.keys.sorted() } }

    /// The ids of a stream's shards in order; empty when there is no such stream.
    public func shardIDs(stream name: String) -> [String] {
        monitor.read { $0.streams[name]?.shards.map(\.id) ?? [] }
    }

    /// Appends a record under the same rules as the wire operation.
    @discardableResult
    public func putRecord(
        stream name: String, data: Data, partitionKey: String
    ) throws(AWSServiceError) -> (shardID: String, sequenceNumber: String) {
        try KinesisPutEntry.check(data: data, partitionKey: partitionKey)
        return try withStream(name) { stream in
            stream.put(data: data, partitionKey: partitionKey, explicitHashKey: nil, nowMilliseconds: now())
        }
    }

    /// The records of one shard after a sequence number, oldest first, waiting for the first if there is none.
    ///
    /// - Parameters:
    ///   - afterSequenceNumber: `nil` begins with the oldest record kept.
    ///   - limit: how many at most.
    ///   - waitMilliseconds: how long to wait for a record; 0 returns at once.
    /// - Returns: nothing also when the stream or shard does not exist.
    public func records(
        stream name: String, shard: String, afterSequenceNumber: String?, limit: Int, waitMilliseconds: Int = 0
    ) -> [KinesisRecord] {
        let generation = monitor.read { $0.wakeGeneration }
        let found: [KinesisRecord]? = monitor.wait(
            untilMilliseconds: EmulatorClock.nowMilliseconds() + Int64(waitMilliseconds)
        ) { state in
            state.streams[name]?.dropExpired(nowMilliseconds: now())
            let records = Self.records(state, name, shard, after: afterSequenceNumber, limit: limit)
            return records.isEmpty && state.wakeGeneration == generation ? nil : records
        }
        return found ?? []
    }

    private static func records(
        _ state: State, _ name: String, _ shardID: String, after sequenceNumber: String?, limit: Int
    ) -> [KinesisRecord] {
        guard let shard = state.streams[name]?.shards.first(where: { $0.id == shardID }) else { return [] }
        let position = sequenceNumber.map { shard.position(afterSequenceNumber: $0) } ?? shard.droppedCount
        return Array(shard.records(from: position, limit: limit).records)
    }

    /// The sequence number of a shard's newest record; `nil` when it holds none. Reading after it starts at `LATEST`.
    public func latestSequenceNumber(stream name: String, shard: String) -> String? {
        monitor.read { $0.streams[name]?.shards.first { $0.id == shard }?.records.last?.sequenceNumber }
    }

    /// Every record of a stream, shard after shard.
    public func allRecords(stream name: String) -> [KinesisRecord] {
        monitor.read { $0.streams[name]?.shards.flatMap(\.records) ?? [] }
    }

    /// Forgets every stream.
    public func reset() {
        monitor.withLock { state in
            state.streams.removeAll()
            state.wakeGeneration += 1
        }
    }

    /// Makes every waiting `records` call return now; for shutting down.
    public func wakeWaiters() {
        monitor.withLock { state in state.wakeGeneration += 1 }
    }

    // MARK: Shared with the wire operations

    func withStream<Value>(
        _ name: String, _ body: (inout KinesisStream) throws(AWSServiceError) -> Value
    ) throws(AWSServiceError) -> Value {
        try monitor.transaction { (state) throws(AWSServiceError) in
            guard var stream = state.streams.removeValue(forKey: name) else { throw notFound(name) }
            // Taken out while it changes so that its records are not copied; put back whatever happens.
            defer { state.streams[name] = stream }
            stream.dropExpired(nowMilliseconds: now())
            return try body(&stream)
        }
    }

    func notFound(_ name: String) -> AWSServiceError {
        AWSServiceError("ResourceNotFoundException", "Stream \(name) under account \(account.id) not found.")
    }

    func create(name: String, shardCount: Int, isOnDemand: Bool) throws(AWSServiceError) -> String {
        let isWellFormed = AWSNames.isAlphanumeric(name, or: "-_.")
        guard isWellFormed, KinesisLimits.streamNameCharacters.contains(name.utf8.count) else {
            throw AWSServiceError(
                "ValidationException",
                "1 validation error detected: Value '\(name)' at 'streamName' failed to satisfy constraint: "
                    + "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+ and have 1 to 128 characters")
        }
        guard (1...KinesisLimits.shardsPerStream).contains(shardCount) else {
            throw AWSServiceError(
                "ValidationException",
                "1 validation error detected: Value '\(shardCount)' at 'shardCount' failed to satisfy constraint: "
                    + "Member must be between 1 and \(KinesisLimits.shardsPerStream)")
        }
        let arn = arn(ofStream: name)
        try monitor.transaction { (state) throws(AWSServiceError) in
            guard state.streams[name] == nil else {
                throw AWSServiceError(
                    "ResourceInUseException", "Stream \(name) under account \(account.id) already exists.")
            }
            state.streams[name] = KinesisStream(
                name: name, arn: arn, shardCount: shardCount, isOnDemand: isOnDemand, nowMilliseconds: now())
        }
        return arn
    }
}
