/// The keys a request is signed with. Printing them shows the public half only.
public struct AWSCredentials: Sendable, Equatable {
    /// The identifier of the key pair; not a secret.
    public let accessKeyID: String
    let secretAccessKey: String
    let sessionToken: String?

    /// - Parameter sessionToken: the token of temporary credentials, as every Lambda environment has.
    public init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
    }
}

extension AWSCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "AWSCredentials(\(accessKeyID), secret hidden)" }

    public var debugDescription: String { description }

    /// Keeps `dump` and reflection-based printing away from the secret.
    public var customMirror: Mirror { Mirror(self, children: ["accessKeyID": accessKeyID]) }
}
