import AWSClient
import FoundationEssentials

/// Idempotency records in a DynamoDB table with the key `id`. The table's TTL attribute is `expires_at` (seconds); only
/// finished records have it.
public struct DynamoDBIdempotencyRecords: IdempotencyRecords {
    private enum Attribute {
        static let id = "id"
        static let fingerprint = "fingerprint"
        static let allottedIDs = "allotted_ids"
        static let leaseOwner = "lease_owner"
        static let leaseExpiresAt = "lease_expires_at_ms"
        static let response = "response"
        static let expiresAt = "expires_at"
    }

    private let client: DynamoDBClient
    private let table: String

    /// Records in this table.
    public init(client: DynamoDBClient, table: String) {
        self.client = client
        self.table = table
    }

    public func create(
        _ record: IdempotencyRecord, nowSeconds: Int64
    ) async throws(RecordStoreError) -> IdempotencyRecord {
        // DynamoDB deletes expired items up to days late, so their time is checked here as well.
        let condition = ConditionExpression(
            "attribute_not_exists(#id) OR #expires <= :now",
            names: ["#id": Attribute.id, "#expires": Attribute.expiresAt],
            values: [":now": .number(String(nowSeconds))])
        do {
            try await client.putItem(table: table, item: Self.item(record), condition: condition)
            return record
        } catch {
            guard error.conditionFailure != nil else { throw RecordStoreError("\(error)") }
            return try await standing(record.id, error.conditionFailure?.item)
        }
    }

    public func takeLease(
        id: String, from previousOwner: String, to owner: String, expiresAtMilliseconds: Int64
    ) async throws(RecordStoreError) -> Bool {
        do {
            try await client.updateItem(
                table: table, key: [Attribute.id: .string(id)],
                update: "SET #owner = :owner, #lease = :lease",
                condition: "#owner = :previous AND attribute_not_exists(#response)",
                names: [
                    "#owner": Attribute.leaseOwner, "#lease": Attribute.leaseExpiresAt, "#response": Attribute.response,
                ],
                values: [
                    ":owner": .string(owner), ":previous": .string(previousOwner),
                    ":lease": .number(String(expiresAtMilliseconds)),
                ])
            return true
        } catch {
            guard let failure = error.conditionFailure else { throw RecordStoreError("\(error)") }
            // An earlier attempt of this very update may have taken the lease and lost its answer.
            return failure.item?[Attribute.leaseOwner]?.stringValue == owner
                && failure.item?[Attribute.response] == nil
        }
    }

    public func finish(
        id: String, owner: String, response: StoredResponse, expiresAtSeconds: Int64
    ) async throws(RecordStoreError) -> StoredResponse? {
        do {
            try await client.updateItem(
                table: table, key: [Attribute.id: .string(id)],
                update: "SET #response = :response, #expires = :expires",
                condition: "#owner = :owner AND attribute_not_exists(#response)",
                names: [
                    "#owner": Attribute.leaseOwner, "#response": Attribute.response, "#expires": Attribute.expiresAt,
                ],
                values: [
                    ":owner": .string(owner), ":response": .binary(try Self.encoded(response)),
                    ":expires": .number(String(expiresAtSeconds)),
                ])
            return response
        } catch let error as RecordStoreError {
            throw error
        } catch let error as AWSError {
            guard error.conditionFailure != nil else { throw RecordStoreError("\(error)") }
            return try await standing(id, error.conditionFailure?.item).response
        } catch {
            throw RecordStoreError("\(error)")
        }
    }

    /// The record that made a condition fail; read again when the failure did not bring it along.
    private func standing(
        _ id: String, _ item: [String: AttributeValue]?
    ) async throws(RecordStoreError) -> IdempotencyRecord {
        if let item { return try Self.record(item) }
        do {
            if let item = try await client.getItem(table: table, key: [Attribute.id: .string(id)]) {
                return try Self.record(item)
            }
        } catch {
            throw RecordStoreError("\(error)")
        }
        throw RecordStoreError("the idempotency record \(id) disappeared")
    }

    // MARK: - Items

    private static func item(_ record: IdempotencyRecord) -> [String: AttributeValue] {
        [
            Attribute.id: .string(record.id),
            Attribute.fingerprint: .string(record.fingerprint),
            Attribute.allottedIDs: .map(record.allottedIDs.mapValues(AttributeValue.string)),
            Attribute.leaseOwner: .string(record.leaseOwner),
            Attribute.leaseExpiresAt: .number(String(record.leaseExpiresAtMilliseconds)),
        ]
    }

    private static func record(_ item: [String: AttributeValue]) throws(RecordStoreError) -> IdempotencyRecord {
        guard let id = item[Attribute.id]?.stringValue, let fingerprint = item[Attribute.fingerprint]?.stringValue,
            let allotted = item[Attribute.allottedIDs]?.mapValue, let owner = item[Attribute.leaseOwner]?.stringValue,
            let lease = item[Attribute.leaseExpiresAt]?.integerValue
        else { throw RecordStoreError("an idempotency record lacks an attribute") }
        var response: StoredResponse?
        if let bytes = item[Attribute.response]?.binaryValue {
            response = try? JSONDecoder().decode(StoredResponse.self, from: bytes)
            guard response != nil else { throw RecordStoreError("the answer of record \(id) cannot be read") }
        }
        return IdempotencyRecord(
            id: id, fingerprint: fingerprint, allottedIDs: allotted.compactMapValues(\.stringValue), leaseOwner: owner,
            leaseExpiresAtMilliseconds: lease, response: response,
            expiresAtSeconds: item[Attribute.expiresAt]?.integerValue)
    }

    private static func encoded(_ response: StoredResponse) throws(RecordStoreError) -> Data {
        do { return try JSONEncoder().encode(response) } catch {
            throw RecordStoreError("an answer cannot be encoded")
        }
    }
}
