import AWSClient
import Domain
import FunctionsShared
import Telemetry

/// Risk rules in a DynamoDB table, one item per rule:
/// `rule_id`, `kind` (`blocklist` | `amount_limit`), `score`, `action` (`review` | `decline`), and for a blocklist
/// `field` (`email`, `ip_address`, `card_fingerprint`, `payment_method`) and `value`, for an amount limit `currency` and
/// `limit_minor`.
struct DynamoDBRiskRules: RiskRuleSource {
    let client: DynamoDBClient
    let table: String
    let logger: Logger

    func rules() async throws(RecordStoreError) -> [RiskRule] {
        let items: [[String: AttributeValue]]
        do { items = try await client.scan(table: table) } catch { throw RecordStoreError("\(error)") }
        return items.compactMap { item in
            if let rule = Self.rule(item) { return rule }
            // One rule written wrongly must not switch off the others.
            logger.error(
                "a risk rule cannot be read and is not in force",
                ["rule_id": .string(item["rule_id"]?.stringValue ?? "missing")])
            return nil
        }
    }

    static func rule(_ item: [String: AttributeValue]) -> RiskRule? {
        guard let id = item["rule_id"]?.stringValue, let condition = condition(item),
            let score = item["score"]?.integerValue, (0...Int64(RiskAssessment.maximumScore)).contains(score),
            let action = item["action"]?.stringValue.flatMap(RiskRule.Action.init(rawValue:))
        else { return nil }
        return RiskRule(id: id, condition: condition, score: Int(score), action: action)
    }

    private static func condition(_ item: [String: AttributeValue]) -> RiskRule.Condition? {
        switch item["kind"]?.stringValue {
        case "blocklist":
            guard let field = item["field"]?.stringValue.flatMap(RiskRule.Field.init(rawValue:)),
                let value = item["value"]?.stringValue.flatMap({ canonical($0, field) })
            else { return nil }
            return .blocklist(field: field, value: value)
        case "amount_limit":
            guard let code = item["currency"]?.stringValue, let currency = try? Currency(code),
                let limit = item["limit_minor"]?.integerValue
            else { return nil }
            return .amountLimit(currency: currency, limitMinor: limit)
        default:
            return nil
        }
    }

    /// - Returns: `nil` for an address that is none: a rule that can never match must be noticed.
    private static func canonical(_ value: String, _ field: RiskRule.Field) -> String? {
        switch field {
        case .ipAddress: IPAddress(trimmed(value))?.text
        case .email, .cardFingerprint, .paymentMethod: value
        }
    }

    private static func trimmed(_ text: String) -> String {
        String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
