import Wire

/// The answer of a batch handler that reports single failures (`ReportBatchItemFailures`).
///
/// An empty list means that everything succeeded. An identifier that is not in the event makes Lambda treat the whole
/// batch as failed, so build it from the event's own records (`LambdaRuntime.BatchFailures`).
public struct BatchResponse: Sendable, Equatable, LambdaDecodable, LambdaEncodable {
    /// What failed and is to be delivered again.
    public var batchItemFailures: [Failure]
    /// What the next invocation of a tumbling window gets, a JSON value (`KinesisEvent.Window.state`).
    ///
    /// Lambda keeps up to 1 MB of it per shard, and ends a window early whose state is larger.
    public var state: Bytes?

    /// A response that names these records.
    public init(failedIdentifiers: [String] = [], state: Bytes? = nil) {
        batchItemFailures = failedIdentifiers.map(Failure.init(itemIdentifier:))
        self.state = state
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

    /// Encodes the response as Lambda expects it; throws for a state that is no JSON.
    public func lambdaPayload() throws(LambdaEventError) -> Bytes {
        if batchItemFailures.isEmpty, state == nil { return Self.complete }
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
        if let state {
            writer.key(Self.stateKey)
            try writer.state(state, expected: Self.name)
        }
        writer.endObject()
        return writer.takeBytes()
    }

    /// Decodes a response; with a state it need not have a list of failures.
    public init(lambdaPayload: Bytes) throws(LambdaEventError) {
        var path = "the document"
        do throws(JSONError) {
            self = try lambdaPayload.withUnsafeBytes { (document) throws(JSONError) in
                var scanner = try JSONScanner(document)
                let response = try Self.read(&scanner, lambdaPayload, &path)
                try scanner.finish()
                return response
            }
        } catch {
            throw LambdaEventError(expected: Self.name, detail: DecodingProblem.describe(error, path: path))
        }
    }

    /// The answer to nearly every batch, made once.
    private static let complete = Bytes(utf8: "{\"\(listKey)\":[]}")
    private static let name = "BatchResponse"
    private static let listKey = "batchItemFailures"
    private static let identifierKey = "itemIdentifier"
    private static let stateKey = "state"

    private static func read(
        _ scanner: inout JSONScanner, _ document: Bytes, _ path: inout String
    ) throws(JSONError) -> BatchResponse {
        var failures: [Failure]?
        var state: Range<Int>?
        var hasState = false
        try scanner.enterObject()
        path = listKey
        while let key = try scanner.nextKey() {
            switch scanner.text(of: key) {
            case listKey where failures == nil: failures = try Self.failures(&scanner, &path)
            case stateKey where !hasState:
                hasState = true
                state = try scanner.optionalValue()
            default: try scanner.skipValue()
            }
        }
        guard failures != nil || state != nil else { throw JSONError(.isMissing, at: scanner.position) }
        var response = BatchResponse(state: state.map(document.part))
        response.batchItemFailures = failures ?? []
        return response
    }

    private static func failures(_ scanner: inout JSONScanner, _ path: inout String) throws(JSONError) -> [Failure] {
        var failures: [Failure] = []
        try scanner.enterArray()
        while try scanner.nextElement() {
            path = "\(listKey)[\(failures.count)]"
            try scanner.enterObject()
            path += ".\(identifierKey)"
            failures.append(Failure(itemIdentifier: try identifier(&scanner)))
        }
        path = listKey
        return failures
    }

    /// Reads the rest of a failure.
    private static func identifier(_ scanner: inout JSONScanner) throws(JSONError) -> String {
        var identifier: String?
        while let key = try scanner.nextKey() {
            if identifier == nil, scanner.text(of: key) == identifierKey {
                identifier = scanner.text(of: try scanner.string())
            } else {
                try scanner.skipValue()
            }
        }
        guard let identifier else { throw JSONError(.isMissing, at: scanner.position) }
        return identifier
    }
}
