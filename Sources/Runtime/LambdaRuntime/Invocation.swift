import FoundationEssentials
import HTTPClient

/// One event as the Runtime API handed it over.
struct Invocation {
    let requestID: String
    let payload: Data
    let deadlineMilliseconds: Int64?
    let functionARN: String?
    let traceID: String?
    let clientContext: String?
    let cognitoIdentity: String?
    let tenantID: String?

    /// Only the request id is required: without it nothing can be answered.
    init?(headers: HTTPHeaders, payload: Data) {
        guard let requestID = headers[RuntimeAPI.Header.requestID], !requestID.isEmpty else { return nil }
        self.requestID = requestID
        self.payload = payload
        deadlineMilliseconds = headers[RuntimeAPI.Header.deadline].flatMap(Int64.init)
        functionARN = headers[RuntimeAPI.Header.functionARN]
        traceID = headers[RuntimeAPI.Header.traceID]
        clientContext = headers[RuntimeAPI.Header.clientContext]
        cognitoIdentity = headers[RuntimeAPI.Header.cognitoIdentity]
        tenantID = headers[RuntimeAPI.Header.tenantID]
    }
}
