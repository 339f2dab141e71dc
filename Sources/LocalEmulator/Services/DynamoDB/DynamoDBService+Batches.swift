import Foundation
import Synchronization

extension DynamoDBService {
    func batchWriteItem(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        var writes: [DynamoDBWrite] = []
        for (table, requests) in try tables(input) {
            for request in try Self.structures(requests, in: input, member: table) {
                writes.append(try Self.batchWrite(request, table: table))
            }
        }
        guard (1...DynamoDBLimits.batchWriteItems).contains(writes.count) else {
            throw DynamoDBErrors.validation(
                "1 validation error detected: Value at 'requestItems' failed to satisfy constraint: Map value must "
                    + "satisfy constraint: Member must have length from 1 to \(DynamoDBLimits.batchWriteItems), "
                    + "it has \(writes.count)")
        }
        let time = now()
        try state.withLock { (state) throws(AWSServiceError) in
            // Everything is checked before anything is stored: a batch that is refused changes nothing.
            var outcomes: [(table: String, outcome: DynamoDBWriteOutcome)] = []
            for write in writes {
                guard let table = state.tables[write.table] else { throw Self.resourceNotFound }
                let outcome = try table.outcome(of: write, nowMilliseconds: time)
                guard !outcomes.contains(where: { $0.table == write.table && $0.outcome.key == outcome.key }) else {
                    throw DynamoDBErrors.validation("Provided list of item keys contains duplicates")
                }
                outcomes.append((write.table, outcome))
            }
            for (table, outcome) in outcomes { state.tables[table]?.store(outcome) }
        }
        return ["UnprocessedItems": [:]]
    }

    private static func batchWrite(_ request: AWSInput, table: String) throws(AWSServiceError) -> DynamoDBWrite {
        let put = try request.nested("PutRequest")
        let delete = try request.nested("DeleteRequest")
        switch (put, delete) {
        case (let put?, nil):
            let item = try put.required("Item", try put.item("Item"))
            return DynamoDBWrite(table: table, key: item, change: .put(item))
        case (nil, let delete?):
            let key = try delete.required("Key", try delete.item("Key"))
            return DynamoDBWrite(table: table, key: key, change: .delete)
        default:
            throw DynamoDBErrors.validation(
                "Supplied WriteRequest must contain exactly one of PutRequest and DeleteRequest")
        }
    }

    func batchGetItem(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        var gets: [DynamoDBGet] = []
        for (table, request) in try tables(input) {
            guard case .object(let members) = request else {
                throw AWSServiceError("SerializationException", "RequestItems.\(table) must be a structure.")
            }
            let request = AWSInput(members: members, missing: input.missing)
            let projection = try DynamoDBGet.projection(request)
            for key in try request.required("Keys", try request.list("Keys")) {
                let single = AWSInput(members: ["Key": key], missing: input.missing)
                let item = try single.required("Key", try single.item("Key"))
                gets.append(DynamoDBGet(table: table, key: item, projection: projection))
            }
        }
        guard (1...DynamoDBLimits.batchGetItems).contains(gets.count) else {
            throw DynamoDBErrors.validation("Too many items requested for the BatchGetItem call")
        }
        guard Set(gets.map { [$0.table: $0.key] }).count == gets.count else {
            throw DynamoDBErrors.validation("Provided list of item keys contains duplicates")
        }
        let found = try read(gets)
        var responses: [String: JSONValue] = Dictionary(
            gets.map { ($0.table, []) }, uniquingKeysWith: { first, _ in first })
        for (get, item) in zip(gets, found) {
            guard let item else { continue }
            responses[get.table] = .array((responses[get.table]?.arrayValue ?? []) + [item.wire])
        }
        return ["Responses": .object(responses), "UnprocessedKeys": [:]]
    }

    /// Reads several items as of one moment.
    func read(_ gets: [DynamoDBGet]) throws(AWSServiceError) -> [DynamoDBItem?] {
        let time = now()
        return try state.withLock { (state) throws(AWSServiceError) in
            var items: [DynamoDBItem?] = []
            for get in gets {
                guard let table = state.tables[get.table] else { throw Self.resourceNotFound }
                items.append(try get.read(from: table, nowMilliseconds: time))
            }
            return items
        }
    }

    private func tables(_ input: AWSInput) throws(AWSServiceError) -> [(String, JSONValue)] {
        let tables = try input.required("RequestItems", try input.object("RequestItems"))
        return tables.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private static func structures(
        _ value: JSONValue, in input: AWSInput, member: String
    ) throws(AWSServiceError) -> [AWSInput] {
        try AWSInput(members: [member: value], missing: input.missing).structures(member) ?? []
    }
}
