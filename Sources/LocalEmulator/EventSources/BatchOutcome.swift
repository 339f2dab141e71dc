import Foundation

/// What a function's answer to a batch means for the records in it (Lambda, partial batch responses).
public enum BatchOutcome: Sendable, Equatable {
    /// Every record is done.
    case allSucceeded
    /// These records failed, the others are done.
    case failed(Set<String>)
    /// No record is done.
    case wholeBatchFailed(reason: String)

    /// Reads a function's answer.
    ///
    /// - Parameters:
    ///   - reportsItemFailures: whether the mapping asks for partial responses; otherwise the answer is ignored.
    ///   - identifiers: the identifiers of the records that were delivered.
    public init(_ result: InvocationResult, reportsItemFailures: Bool, identifiers: Set<String>) {
        if result.functionError != nil {
            self = .wholeBatchFailed(reason: result.errorMessage ?? "function error")
        } else if reportsItemFailures {
            self = Self.parse(result.payload, identifiers)
        } else {
            self = .allSucceeded
        }
    }

    private static func parse(_ payload: Data, _ identifiers: Set<String>) -> BatchOutcome {
        // Empty, null, {} and [] all mean success; so does an empty or null list.
        if payload.allSatisfy({ $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }) { return .allSucceeded }
        guard let document = try? JSONValue(parsing: payload) else {
            return .wholeBatchFailed(reason: "the response is not JSON")
        }
        guard let list = document["batchItemFailures"], !list.isNull else { return .allSucceeded }
        guard let failures = list.arrayValue else {
            return .wholeBatchFailed(reason: "batchItemFailures is not a list")
        }
        var failed: Set<String> = []
        for failure in failures {
            guard let identifier = failure["itemIdentifier"]?.stringValue, !identifier.isEmpty else {
                return .wholeBatchFailed(reason: "a batchItemFailures entry has no itemIdentifier")
            }
            guard identifiers.contains(identifier) else {
                return .wholeBatchFailed(reason: "itemIdentifier \(identifier) is not in the batch")
            }
            failed.insert(identifier)
        }
        return failed.isEmpty ? .allSucceeded : .failed(failed)
    }
}
