import AWSClient
import Domain
import FoundationEssentials

/// The refund directory as items of the idempotency table (`refund#<id>`). They expire: by then the projection, which
/// is seconds behind as a rule, has long taken over.
public struct DynamoDBRefundDirectory: RefundDirectory {
    /// A week: longer than any outage of a projection that would go unnoticed.
    public static let retentionSeconds: Int64 = 7 * 24 * 60 * 60

    private let client: DynamoDBClient
    private let table: String
    private let clock: any WallClock

    /// A directory in this table.
    public init(client: DynamoDBClient, table: String, clock: any WallClock) {
        self.client = client
        self.table = table
        self.clock = clock
    }

    public func record(
        _ refund: RefundID, of charge: ChargeID, merchantID: MerchantID
    ) async throws(RecordStoreError) {
        let expiresAt = Int64(clock.now().timeIntervalSince1970) + Self.retentionSeconds
        do {
            try await client.putItem(
                table: table,
                item: [
                    "id": .string(Self.name(refund)), "charge_id": .string(charge.rawValue),
                    "merchant_id": .string(merchantID.rawValue), "expires_at": .number(String(expiresAt)),
                ])
        } catch {
            throw RecordStoreError("\(error)")
        }
    }

    public func charge(
        of refund: RefundID, merchantID: MerchantID
    ) async throws(RecordStoreError) -> ChargeID? {
        let item: [String: AttributeValue]?
        do {
            item = try await client.getItem(table: table, key: ["id": .string(Self.name(refund))])
        } catch {
            throw RecordStoreError("\(error)")
        }
        guard let item, item["merchant_id"]?.stringValue == merchantID.rawValue else { return nil }
        return item["charge_id"]?.stringValue.map(ChargeID.init(rawValue:))
    }

    /// A merchant's id begins with `mer_`, so no idempotency record can have this name.
    private static func name(_ refund: RefundID) -> String { "refund#" + refund.rawValue }
}
