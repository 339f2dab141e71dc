import CurlEventLoop
import Wire

/// One event as the Runtime API handed it over.
struct Invocation {
    let metadata: InvocationMetadata
    let requestID: String
    let payload: Bytes

    /// Only the request id is required: without it nothing can be answered. It becomes part of a URL.
    init?(metadata: InvocationMetadata, payload: Bytes) {
        guard let requestID = metadata.requestID, !requestID.isEmpty,
            requestID.utf8.allSatisfy(Self.isPathCharacter)
        else { return nil }
        self.metadata = metadata
        self.requestID = requestID
        self.payload = payload
    }

    /// What stands for itself in one segment of a path (RFC 3986, 3.3); Lambda's ids are UUIDs.
    private static func isPathCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "~"), UInt8(ascii: ":"), UInt8(ascii: "@"):
            true
        default: false
        }
    }
}

/// What the header fields of `next` say about an invocation.
struct InvocationMetadata {
    var requestID: String?
    var deadlineMilliseconds: Int64?
    var functionARN: String?
    var traceID: String?
    var clientContext: String?
    var cognitoIdentity: String?
    var tenantID: String?
    /// Of an extension that registers.
    var extensionIdentifier: String?

    /// Takes what one header line says; other lines than the Runtime API's cost one comparison.
    mutating func add(_ line: UnsafeRawBufferPointer) {
        guard HeaderLine.hasPrefix(line, "lambda-"), let field = HeaderLine.parse(line) else { return }
        let text = String(decoding: field.value, as: UTF8.self)
        if HeaderLine.isNamed(line, "lambda-runtime-aws-request-id") {
            requestID = text
        } else if HeaderLine.isNamed(line, "lambda-runtime-deadline-ms") {
            deadlineMilliseconds = Int64(text)
        } else if HeaderLine.isNamed(line, "lambda-runtime-invoked-function-arn") {
            functionARN = text
        } else if HeaderLine.isNamed(line, "lambda-runtime-trace-id") {
            traceID = text
        } else if HeaderLine.isNamed(line, "lambda-runtime-client-context") {
            clientContext = text
        } else if HeaderLine.isNamed(line, "lambda-runtime-cognito-identity") {
            cognitoIdentity = text
        } else if HeaderLine.isNamed(line, "lambda-runtime-aws-tenant-id") {
            tenantID = text
        } else if HeaderLine.isNamed(line, "lambda-extension-identifier") {
            extensionIdentifier = text
        }
    }
}
