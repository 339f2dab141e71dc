import Wire

/// Who called, for functions that are invoked with credentials of an Amazon Cognito identity pool.
public struct CognitoIdentity: Sendable, Equatable {
    /// The identity: `eu-central-1:…`.
    public let identityID: String
    /// The pool it belongs to.
    public let identityPoolID: String

    /// An identity made of its parts.
    public init(identityID: String, identityPoolID: String) {
        self.identityID = identityID
        self.identityPoolID = identityPoolID
    }

    /// The identity in a `Lambda-Runtime-Cognito-Identity` header; `nil` when it holds none.
    init?(json: String) {
        guard let members = try? Self.members(of: Bytes(utf8: json)),
            let identityID = members["cognitoIdentityId"], let poolID = members["cognitoIdentityPoolId"]
        else { return nil }
        self.init(identityID: identityID, identityPoolID: poolID)
    }

    private static func members(of document: Bytes) throws(JSONError) -> [String: String] {
        try document.withUnsafeBytes { bytes throws(JSONError) in
            var scanner = try JSONScanner(bytes)
            var members: [String: String] = [:]
            try scanner.enterObject()
            while let key = try scanner.nextKey() {
                let name = key.text(in: document)
                if name.hasPrefix("cognitoIdentity") {
                    members[name] = try scanner.string().text(in: document)
                } else {
                    try scanner.skipValue()
                }
            }
            try scanner.finish()
            return members
        }
    }
}
