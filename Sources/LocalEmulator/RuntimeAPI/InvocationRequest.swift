import Foundation

/// One event on its way into a function.
public struct InvocationRequest: Sendable {
    /// Identifies the invocation; an asynchronous retry keeps it.
    public var requestID: String
    /// The event.
    public var payload: Data
    /// The X-Ray trace header.
    public var traceID: String
    /// The caller's client context, decoded.
    public var clientContext: String?
    /// Who the caller is to Cognito.
    public var cognitoIdentity: CognitoIdentity?
    /// The tenant that the invocation is for.
    public var tenantID: String?
    /// Whether the caller takes the response as a stream, for which a larger limit holds.
    public var takesStream: Bool

    /// An invocation with fresh ids.
    public init(
        payload: Data, requestID: String = UUID().uuidString.lowercased(), traceID: String? = nil,
        clientContext: String? = nil, cognitoIdentity: CognitoIdentity? = nil, tenantID: String? = nil,
        takesStream: Bool = false
    ) {
        self.requestID = requestID
        self.payload = payload
        self.traceID = traceID ?? TraceID.make()
        self.clientContext = clientContext
        self.cognitoIdentity = cognitoIdentity
        self.tenantID = tenantID
        self.takesStream = takesStream
    }
}

/// Who a caller is to Cognito.
public struct CognitoIdentity: Sendable, Equatable {
    /// The identity.
    public var identityID: String
    /// The pool it is in.
    public var poolID: String

    /// An identity made of its parts.
    public init(identityID: String, poolID: String) {
        self.identityID = identityID
        self.poolID = poolID
    }

    /// Parses `{"cognitoIdentityId":…,"cognitoIdentityPoolId":…}`; `nil` when it is not of that form or names neither.
    init?(_ text: String) {
        guard let document = try? JSONValue(parsing: Data(text.utf8)), document.objectValue != nil else { return nil }
        identityID = document["cognitoIdentityId"]?.stringValue ?? ""
        poolID = document["cognitoIdentityPoolId"]?.stringValue ?? ""
        if identityID.isEmpty && poolID.isEmpty { return nil }
    }

    /// What a runtime gets in `Lambda-Runtime-Cognito-Identity`.
    var document: String {
        JSONValue.object(["cognitoIdentityId": .string(identityID), "cognitoIdentityPoolId": .string(poolID)]).text
    }
}

/// X-Ray trace headers.
public enum TraceID {
    /// A new root: `Root=1-<seconds in hex>-<96 bits in hex>;Parent=…;Sampled=1`.
    public static func make() -> String {
        let seconds = String(Int(Date().timeIntervalSince1970), radix: 16)
        return "Root=1-\(seconds)-\(random(12));Parent=\(random(8));Sampled=1"
    }

    private static func random(_ bytes: Int) -> String {
        (0..<bytes).map { _ in
            let text = String(UInt8.random(in: 0...255), radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }
}
