/// What API Gateway or a function URL knows about a request.
public struct APIGatewayV2RequestContext: Codable, Sendable, Equatable {
    /// The account of the API; of a function URL the caller's, `anonymous` when it is public.
    public var accountID: String
    /// The API, or the function URL.
    public var apiID: String
    /// How the client proved itself on the connection (mutual TLS); `nil` when it did not.
    public var authentication: Authentication?
    /// What the authorizer found out; `nil` without one.
    public var authorizer: APIGatewayV2Authorizer?
    /// The host name the client called.
    public var domainName: String
    /// The first label of the host name.
    public var domainPrefix: String
    /// The request line and who sent it.
    public var http: HTTP
    /// Identifies the request in the gateway's log.
    public var requestID: String
    /// The route that matched, or `$default`.
    public var routeKey: String
    /// The stage, or `$default`.
    public var stage: String
    /// When the request came, in the form of access logs: `12/Mar/2020:19:03:58 +0000`.
    public var time: String
    /// When the request came, milliseconds since 1970.
    public var timeEpoch: Int64

    /// A context made of its parts.
    public init(
        accountID: String, apiID: String, domainName: String, http: HTTP, requestID: String, time: String,
        timeEpoch: Int64, routeKey: String = "$default", stage: String = "$default",
        authentication: Authentication? = nil, authorizer: APIGatewayV2Authorizer? = nil
    ) {
        self.accountID = accountID
        self.apiID = apiID
        self.authentication = authentication
        self.authorizer = authorizer
        self.domainName = domainName
        domainPrefix = domainName.split(separator: ".").first.map(String.init) ?? ""
        self.http = http
        self.requestID = requestID
        self.routeKey = routeKey
        self.stage = stage
        self.time = time
        self.timeEpoch = timeEpoch
    }

    enum CodingKeys: String, CodingKey {
        case authentication, authorizer, domainName, domainPrefix, http, routeKey, stage, time, timeEpoch
        case accountID = "accountId"
        case apiID = "apiId"
        case requestID = "requestId"
    }

    /// The request line and who sent it.
    public struct HTTP: Codable, Sendable, Equatable {
        /// The method in upper case.
        public var method: String
        /// The path with the stage's name, if that is part of the URL.
        public var path: String
        /// For example `HTTP/1.1`.
        public var `protocol`: String
        /// The client's address.
        public var sourceIP: String
        /// What the client calls itself; empty when it does not say.
        public var userAgent: String

        /// A request line made of its parts.
        public init(
            method: String, path: String, sourceIP: String, userAgent: String = "", protocol: String = "HTTP/1.1"
        ) {
            self.method = method
            self.path = path
            self.protocol = `protocol`
            self.sourceIP = sourceIP
            self.userAgent = userAgent
        }

        enum CodingKeys: String, CodingKey {
            case method, path, `protocol`, userAgent
            case sourceIP = "sourceIp"
        }
    }

    /// How the client proved itself on the connection.
    public struct Authentication: Codable, Sendable, Equatable {
        /// The client's certificate.
        public var clientCert: ClientCertificate?
    }

    /// A certificate that the gateway has verified.
    public struct ClientCertificate: Codable, Sendable, Equatable {
        /// The certificate in PEM form.
        public var clientCertPEM: String?
        /// Whom it names.
        public var subjectDN: String?
        /// Who issued it.
        public var issuerDN: String?
        /// Its number, hexadecimal bytes joined with colons.
        public var serialNumber: String?
        /// When it holds.
        public var validity: Validity?

        enum CodingKeys: String, CodingKey {
            case clientCertPEM = "clientCertPem"
            case subjectDN, issuerDN, serialNumber, validity
        }

        /// When a certificate holds; times as OpenSSL writes them: `May 28 12:30:02 2019 GMT`.
        public struct Validity: Codable, Sendable, Equatable {
            /// The first moment.
            public var notBefore: String?
            /// The last moment.
            public var notAfter: String?
        }
    }
}
