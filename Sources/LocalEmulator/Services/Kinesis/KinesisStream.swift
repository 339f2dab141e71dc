import Cryptography
import Foundation

/// A record as it lies in a shard.
public struct KinesisRecord: Sendable, Equatable {
    /// 56 digits, strictly increasing within a shard; comparing them as text orders them.
    public let sequenceNumber: String
    /// The key the producer gave; it decided the shard.
    public let partitionKey: String
    /// The payload.
    public let data: Data
    /// When the record was accepted, milliseconds since 1970.
    public let approximateArrivalMilliseconds: Int64
}

/// One shard: a range of hash keys and its records in order.
struct KinesisShard: Sendable {
    let id: String
    let hashKeyRange: ClosedRange<UInt128>
    let startingSequenceNumber: String
    private(set) var records: [KinesisRecord] = []
    /// Records that expired and were dropped in front of `records`; positions count from the shard's beginning.
    private(set) var droppedCount = 0

    /// The position behind the newest record.
    var endPosition: Int { droppedCount + records.count }

    init(id: String, hashKeyRange: ClosedRange<UInt128>, startingSequenceNumber: String) {
        self.id = id
        self.hashKeyRange = hashKeyRange
        self.startingSequenceNumber = startingSequenceNumber
    }

    mutating func append(_ record: KinesisRecord) { records.append(record) }

    mutating func dropRecords(arrivedBefore milliseconds: Int64) {
        let expired = records.prefix { $0.approximateArrivalMilliseconds < milliseconds }.count
        guard expired > 0 else { return }
        records.removeFirst(expired)
        droppedCount += expired
    }

    /// The position of the first record at or after a sequence number.
    func position(atSequenceNumber sequenceNumber: String) -> Int {
        position { $0.sequenceNumber < sequenceNumber }
    }

    /// The position of the first record after a sequence number.
    func position(afterSequenceNumber sequenceNumber: String) -> Int {
        position { $0.sequenceNumber <= sequenceNumber }
    }

    /// The position of the first record that arrived at or after a time.
    func position(atMilliseconds milliseconds: Int64) -> Int {
        position { $0.approximateArrivalMilliseconds < milliseconds }
    }

    /// Records are ordered by number and by time, so the ones before a point come first.
    private func position(_ isBefore: (KinesisRecord) -> Bool) -> Int {
        var low = 0
        var high = records.count
        while low < high {
            let middle = (low + high) / 2
            if isBefore(records[middle]) { low = middle + 1 } else { high = middle }
        }
        return droppedCount + low
    }

    /// Up to `limit` records from a position on, within the byte limit of a read.
    func records(from position: Int, limit: Int) -> (records: ArraySlice<KinesisRecord>, next: Int) {
        let start = max(0, position - droppedCount)
        guard start < records.count else { return ([], max(position, endPosition)) }
        var end = start
        var bytes = 0
        while end < records.count, end - start < limit {
            bytes += records[end].data.count + records[end].partitionKey.utf8.count
            if bytes > KinesisLimits.bytesPerGet, end > start { break }
            end += 1
        }
        return (records[start..<end], droppedCount + end)
    }
}

/// One stream: its shards split the hash keys 0 … 2^128 − 1 evenly.
struct KinesisStream: Sendable {
    let name: String
    let arn: String
    let createdMilliseconds: Int64
    let isOnDemand: Bool
    var retentionHours = KinesisLimits.retentionHours
    var shards: [KinesisShard]
    private var recordCount: UInt64 = 0
    private var lastArrivalMilliseconds: Int64 = 0

    init(name: String, arn: String, shardCount: Int, isOnDemand: Bool, nowMilliseconds: Int64) {
        self.name = name
        self.arn = arn
        self.isOnDemand = isOnDemand
        createdMilliseconds = nowMilliseconds
        shards = []
        let width = UInt128.max / UInt128(shardCount)
        for index in 0..<shardCount {
            let start = index == 0 ? 0 : width * UInt128(index) + 1
            let end = index == shardCount - 1 ? UInt128.max : width * UInt128(index + 1)
            shards.append(
                KinesisShard(
                    id: "shardId-" + Self.padded(UInt64(index), digits: 12), hashKeyRange: start...end,
                    startingSequenceNumber: sequenceNumber(0, shard: index)))
        }
    }

    /// Appends one record to the shard of its key.
    mutating func put(
        data: Data, partitionKey: String, explicitHashKey: UInt128?, nowMilliseconds now: Int64
    ) -> (shardID: String, sequenceNumber: String) {
        let hashKey = explicitHashKey ?? Self.hashKey(partitionKey)
        // The ranges cover every key, so one always matches.
        let index = shards.firstIndex { $0.hashKeyRange.contains(hashKey) } ?? 0
        recordCount += 1
        // A clock that steps back must not break the order by time that reading relies on.
        lastArrivalMilliseconds = max(lastArrivalMilliseconds, now)
        let record = KinesisRecord(
            sequenceNumber: sequenceNumber(recordCount, shard: index), partitionKey: partitionKey, data: data,
            approximateArrivalMilliseconds: lastArrivalMilliseconds)
        shards[index].append(record)
        return (shards[index].id, record.sequenceNumber)
    }

    mutating func dropExpired(nowMilliseconds now: Int64) {
        let oldest = now - Int64(retentionHours) * 3_600_000
        for index in shards.indices { shards[index].dropRecords(arrivedBefore: oldest) }
    }

    /// The 128-bit number that the MD5 of the key's UTF-8 bytes spells, most significant byte first.
    static func hashKey(_ partitionKey: String) -> UInt128 {
        let digits = MD5.hexDigest(Array(partitionKey.utf8))
        return UInt128(digits, radix: 16) ?? 0
    }

    /// `49`, the stream's age mark, the running number, the shard: 56 digits that grow with every record.
    private func sequenceNumber(_ number: UInt64, shard: Int) -> String {
        "49" + Self.padded(UInt64(max(0, createdMilliseconds / 1000)), digits: 12) + Self.padded(number, digits: 32)
            + Self.padded(UInt64(shard), digits: 6) + "0002"
    }

    private static func padded(_ number: UInt64, digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}

/// Where a reader stands in a shard; handed to clients as an opaque token.
struct KinesisIterator: Sendable, Codable {
    let stream: String
    /// Tells a stream from a later one of the same name.
    let createdMilliseconds: Int64
    let shard: String
    let position: Int
    let issuedMilliseconds: Int64

    var token: String { ((try? JSONEncoder().encode(self)) ?? Data()).base64EncodedString() }

    init(stream: KinesisStream, shard: String, position: Int, nowMilliseconds: Int64) {
        self.stream = stream.name
        createdMilliseconds = stream.createdMilliseconds
        self.shard = shard
        self.position = position
        issuedMilliseconds = nowMilliseconds
    }

    init?(token: String) {
        guard let data = Data(base64Encoded: token), JSONNesting.isWithinBounds(data),
            let iterator = try? JSONDecoder().decode(KinesisIterator.self, from: data)
        else { return nil }
        self = iterator
    }
}
