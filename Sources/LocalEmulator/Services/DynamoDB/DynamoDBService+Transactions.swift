import Cryptography
import Foundation
import Synchronization

extension DynamoDBService {
    func transactWriteItems(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let elements = try input.required("TransactItems", try input.structures("TransactItems"))
        try Self.checkCount(elements.count)
        var writes: [DynamoDBWrite] = []
        for element in elements { writes.append(try Self.transactionWrite(element)) }
        let token = try input.string("ClientRequestToken")
        let digest = SHA256.hexDigest(JSONValue.array(elements.map { .object($0.members) }).serialized())
        let time = now()
        try state.withLock { (state) throws(AWSServiceError) in
            if let token, try state.transactionTokens.wasDone(token, digest, nowMilliseconds: time) { return }
            let outcomes = try Self.outcomes(of: writes, in: state, nowMilliseconds: time)
            for (write, outcome) in zip(writes, outcomes) { state.tables[write.table]?.store(outcome) }
            if let token { state.transactionTokens.remember(token, digest, nowMilliseconds: time) }
        }
        return [:]
    }

    private static func checkCount(_ count: Int) throws(AWSServiceError) {
        guard (1...DynamoDBLimits.transactionItems).contains(count) else {
            throw DynamoDBErrors.validation(
                "1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have "
                    + "length less than or equal to \(DynamoDBLimits.transactionItems) and greater than or equal to 1, "
                    + "it has \(count)")
        }
    }

    private static func transactionWrite(_ element: AWSInput) throws(AWSServiceError) -> DynamoDBWrite {
        let kinds = ["Put", "Update", "Delete", "ConditionCheck"].filter { element[$0] != nil }
        guard kinds.count == 1, let kind = kinds.first, let input = try element.nested(kind) else {
            throw DynamoDBErrors.validation(
                "TransactItems can only contain one of Check, Put, Update or Delete")
        }
        return switch kind {
        case "Put": try DynamoDBWriteParser.put(input)
        case "Update": try DynamoDBWriteParser.update(input)
        case "Delete": try DynamoDBWriteParser.delete(input)
        default: try DynamoDBWriteParser.check(input)
        }
    }

    /// The results of all writes, or an error that says for each whether it stood in the way.
    private static func outcomes(
        of writes: [DynamoDBWrite], in state: State, nowMilliseconds: Int64
    ) throws(AWSServiceError) -> [DynamoDBWriteOutcome] {
        var outcomes: [DynamoDBWriteOutcome] = []
        var reasons: [JSONValue] = []
        var codes: [String] = []
        var seen: Set<ItemAddress> = []
        var byteCount = 0
        for write in writes {
            guard let table = state.tables[write.table] else { throw resourceNotFound }
            if let key = try? table.key(of: write), !seen.insert(ItemAddress(table: write.table, key: key)).inserted {
                throw DynamoDBErrors.validation(
                    "Transaction request cannot include multiple operations on one item")
            }
            do throws(AWSServiceError) {
                let outcome = try table.outcome(of: write, nowMilliseconds: nowMilliseconds)
                byteCount += outcome.new?.itemByteCount ?? 0
                outcomes.append(outcome)
                reasons.append(["Code": "None"])
                codes.append("None")
            } catch {
                let code =
                    error.code == "ConditionalCheckFailedException" ? "ConditionalCheckFailed" : "ValidationError"
                var reason = error.details
                reason["Code"] = .string(code)
                reason["Message"] = .string(error.message)
                reasons.append(.object(reason))
                codes.append(code)
            }
        }
        guard outcomes.count == writes.count else {
            throw AWSServiceError(
                "TransactionCanceledException",
                "Transaction cancelled, please refer cancellation reasons for specific reasons "
                    + "[\(codes.joined(separator: ", "))]",
                details: ["CancellationReasons": .array(reasons)])
        }
        guard byteCount <= DynamoDBLimits.transactionBytes else {
            throw DynamoDBErrors.validation(
                "Transaction request exceeds the limit of \(DynamoDBLimits.transactionBytes) bytes")
        }
        return outcomes
    }

    func transactGetItems(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let elements = try input.required("TransactItems", try input.structures("TransactItems"))
        try Self.checkCount(elements.count)
        var gets: [DynamoDBGet] = []
        for element in elements {
            let get = try element.required("Get", try element.nested("Get"))
            gets.append(try DynamoDBGet(get, table: try get.requiredString("TableName")))
        }
        let responses = try read(gets).map { item -> JSONValue in item.map { ["Item": $0.wire] } ?? [:] }
        return ["Responses": .array(responses)]
    }
}

extension DynamoDBTable {
    /// The key a write is about.
    fileprivate func key(of write: DynamoDBWrite) throws(AWSServiceError) -> PrimaryKey {
        if case .put(let item) = write.change { return try schema.primaryKey(ofItem: item) }
        return try schema.primaryKey(write.key)
    }
}

/// One item of one table.
private struct ItemAddress: Hashable {
    let table: String
    let key: PrimaryKey
}

/// Which transactions were carried out lately, by their client's token, so that a repeated call is answered and not
/// carried out again.
struct TransactionTokens: Sendable {
    private var digests: [String: String] = [:]
    private var expiry: [(milliseconds: Int64, token: String)] = []

    /// Whether a call with this token was carried out before. The token stands for exactly one request.
    mutating func wasDone(
        _ token: String, _ digest: String, nowMilliseconds now: Int64
    ) throws(AWSServiceError) -> Bool {
        let expired = expiry.prefix { $0.milliseconds <= now }
        for entry in expired { digests[entry.token] = nil }
        expiry.removeFirst(expired.count)
        guard let earlier = digests[token] else { return false }
        guard earlier == digest else {
            throw AWSServiceError(
                "IdempotentParameterMismatchException",
                "The client request token was used before with different parameters: \(token)")
        }
        return true
    }

    mutating func remember(_ token: String, _ digest: String, nowMilliseconds now: Int64) {
        digests[token] = digest
        expiry.append((now + DynamoDBLimits.transactionTokenMilliseconds, token))
    }
}
