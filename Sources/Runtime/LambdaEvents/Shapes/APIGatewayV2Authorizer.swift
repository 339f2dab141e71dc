/// What the authorizer of a route or function URL found out; one of the three members is there.
public struct APIGatewayV2Authorizer: Codable, Sendable, Equatable {
    /// A verified JSON Web Token.
    public var jwt: Token?
    /// The caller of a request signed with AWS credentials.
    public var iam: Identity?
    /// The context that a Lambda authorizer returned.
    public var lambda: JSONTree?

    /// What an authorizer of one kind found out.
    public init(jwt: Token? = nil, iam: Identity? = nil, lambda: JSONTree? = nil) {
        self.jwt = jwt
        self.iam = iam
        self.lambda = lambda
    }

    /// A verified JSON Web Token.
    public struct Token: Codable, Sendable, Equatable {
        /// The claims; the gateway makes a text of every value.
        public var claims: [String: JSONTree]
        /// The scopes that the route demands; `nil` when it demands none.
        public var scopes: [String]?

        /// A token made of its parts.
        public init(claims: [String: JSONTree], scopes: [String]? = nil) {
            self.claims = claims
            self.scopes = scopes
        }

        /// A claim that is a text, for example `sub`.
        public func claim(_ name: String) -> String? { claims[name]?.stringValue }
    }

    /// The caller of a request signed with AWS credentials.
    public struct Identity: Codable, Sendable, Equatable {
        /// The access key that signed.
        public var accessKey: String?
        /// The caller's account.
        public var accountID: String?
        /// The caller.
        public var callerID: String?
        /// The caller's identity in Cognito.
        public var cognitoIdentity: CognitoIdentity?
        /// The caller's organisation.
        public var principalOrgID: String?
        /// The user or role.
        public var userARN: String?
        /// The user.
        public var userID: String?

        /// An identity made of its parts.
        public init(
            accessKey: String? = nil, accountID: String? = nil, callerID: String? = nil, userARN: String? = nil,
            userID: String? = nil, principalOrgID: String? = nil, cognitoIdentity: CognitoIdentity? = nil
        ) {
            self.accessKey = accessKey
            self.accountID = accountID
            self.callerID = callerID
            self.cognitoIdentity = cognitoIdentity
            self.principalOrgID = principalOrgID
            self.userARN = userARN
            self.userID = userID
        }

        enum CodingKeys: String, CodingKey {
            case accessKey, cognitoIdentity
            case accountID = "accountId"
            case callerID = "callerId"
            case principalOrgID = "principalOrgId"
            case userARN = "userArn"
            case userID = "userId"
        }
    }

    /// An identity in Cognito.
    public struct CognitoIdentity: Codable, Sendable, Equatable {
        /// How the caller logged in.
        public var amr: [String]?
        /// The identity.
        public var identityID: String?
        /// The identity pool.
        public var identityPoolID: String?

        enum CodingKeys: String, CodingKey {
            case amr
            case identityID = "identityId"
            case identityPoolID = "identityPoolId"
        }
    }
}
