import Wire

/// The answer of a batch handler that reports single failures (`ReportBatchItemFailures`).
///
/// An empty list means that everything succeeded. An identifier that is not in the event makes Lambda treat the whole
/// batch as failed, so build it from the event's own records (`LambdaRuntime.BatchFailures`).
public struct BatchResponse: Sendable, Equatable, LambdaDecodable, LambdaEncodable {
    /// What failed and is to be delivered again.
    public var batchItemFailures: [Failure]

    /// A response that names these records.
    public init(failedIdentifiers: [String] = []) {
        batchItemFailures = failedIdentifiers.map(Failure.init(itemIdentifier:))
    }

    /// One failed record.
    public struct Failure: Sendable, Equatable {
        /// The SQS message id or the Kinesis sequence number.
        public var itemIdentifier: String

        /// A failure of this record.
        public init(itemIdentifier: String) {
            self.itemIdentifier = itemIdentifier
        }
    }

    /// Encodes the response as Lambda expects it.
    public func lambdaPayload() -> Bytes {
        if batchItemFailures.isEmpty { return Self.complete }
        var writer = JSONWriter()
        writer.beginObject()
        writer.key(Self.listKey)
        writer.beginArray()
        for failure in batchItemFailures {
            writer.beginObject()
            writer.key(Self.identifierKey)
            writer.string(failure.itemIdentifier)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.takeBytes()
    }

    /// Decodes a response.
    public init(lambdaPayload: Bytes) throws(LambdaEventError) {
        var path = "the document"
        do throws(JSONError) {
            batchItemFailures = try lambdaPayload.withUnsafeBytes { (document) throws(JSONError) in
                var scanner = try JSONScanner(document)
                try scanner.enterObject()
                path = Self.listKey
                let failures = try scanner.onlyMember(Self.listKey) { (scanner) throws(JSONError) in
                    try Self.failures(&scanner, &path)
                }
                try scanner.finish()
                return failures
            }
        } catch {
            throw LambdaEventError(expected: "BatchResponse", detail: DecodingProblem.describe(error, path: path))
        }
    }

    /// The answer to nearly every batch, made once.
    private static let complete = Bytes(utf8: "{\"\(listKey)\":[]}")
    private static let listKey = "batchItemFailures"
    private static let identifierKey = "itemIdentifier"

    private static func failures(_ scanner: inout JSONScanner, _ path: inout String) throws(JSONError) -> [Failure] {
        var failures: [Failure] = []
        try scanner.enterArray()
        while try scanner.nextElement() {
            path = "\(listKey)[\(failures.count)]"
            try scanner.enterObject()
            path += ".\(identifierKey)"
            let identifier = try scanner.onlyMember(identifierKey) { (scanner) throws(JSONError) in
                try scanner.text(of: scanner.string())
            }
            failures.append(Failure(itemIdentifier: identifier))
        }
        path = listKey
        return failures
    }
}

extension JSONScanner {
    /// Reads the rest of an object of which one member counts, the first with this name.
    fileprivate mutating func onlyMember<Value>(
        _ name: String, _ read: (inout JSONScanner) throws(JSONError) -> Value
    ) throws(JSONError) -> Value {
        var value: Value?
        while let key = try nextKey() {
            if value == nil, text(of: key) == name { value = try read(&self) } else { try skipValue() }
        }
        guard let value else { throw JSONError(.isMissing, at: position) }
        return value
    }
}
