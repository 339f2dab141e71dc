import AWSClient
import Cryptography
import Domain
import FoundationEssentials

/// API keys in a DynamoDB table, under the SHA-256 of the key: the table's content opens nothing.
///
/// The look-up by hash also makes the comparison safe: how long it takes tells nothing about the keys there are.
public struct DynamoDBAPIKeys: APIKeys {
    private static let activeStatus = "active"

    private let client: DynamoDBClient
    private let table: String

    /// Keys in this table.
    public init(client: DynamoDBClient, table: String) {
        self.client = client
        self.table = table
    }

    public func merchant(forKey key: String) async throws(RecordStoreError) -> MerchantID? {
        let item: [String: AttributeValue]?
        do {
            item = try await client.getItem(table: table, key: ["key_hash": .string(Self.hash(of: key))])
        } catch {
            throw RecordStoreError("\(error)")
        }
        guard let item, item["status"]?.stringValue == Self.activeStatus else { return nil }
        return item["merchant_id"]?.stringValue.map(MerchantID.init(rawValue:))
    }

    /// The name a key is stored under: lower-case hexadecimal SHA-256 of its text.
    public static func hash(of key: String) -> String {
        SHA256.hexDigest(Array(key.utf8))
    }
}
