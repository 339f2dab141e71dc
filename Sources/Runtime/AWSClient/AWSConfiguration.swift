/// Where AWS is and who is asking: region, credentials and endpoints.
public struct AWSConfiguration: Sendable {
    /// The region every service is used in, such as `eu-central-1`.
    public let region: String
    /// The keys requests are signed with.
    public let credentials: AWSCredentials

    private let commonEndpoint: String?
    private let serviceEndpoints: [AWSService: String]

    /// A configuration made of its parts.
    ///
    /// - Parameters:
    ///   - endpoint: replaces the AWS endpoint of every service; `http` or `https`, a path prefix is allowed.
    ///   - serviceEndpoints: replace the endpoint of single services, and win over `endpoint`.
    /// - Throws: `AWSError.configuration` for a malformed region or endpoint.
    public init(
        region: String, credentials: AWSCredentials, endpoint: String? = nil,
        serviceEndpoints: [AWSService: String] = [:]
    ) throws(AWSError) {
        self.region = try Self.validRegion(region, source: "region")
        self.credentials = credentials
        commonEndpoint = try Self.validEndpoint(endpoint, source: "endpoint")
        var endpoints: [AWSService: String] = [:]
        for (service, endpoint) in serviceEndpoints {
            endpoints[service] = try Self.validEndpoint(endpoint, source: service.rawValue)
        }
        self.serviceEndpoints = endpoints
    }

    /// The configuration a Lambda environment carries: `AWS_REGION` (else `AWS_DEFAULT_REGION`), `AWS_ACCESS_KEY_ID`,
    /// `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>`. An empty
    /// value counts as absent, as in AWS's own SDKs.
    ///
    /// - Throws: `AWSError.configuration` naming the variable that is missing or malformed, never its value.
    public init(environment: [String: String]) throws(AWSError) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        func required(_ name: String) throws(AWSError) -> String {
            guard let value = value(name) else { throw .configuration("\(name) is not set") }
            return value
        }
        guard let region = value("AWS_REGION") ?? value("AWS_DEFAULT_REGION") else {
            throw .configuration("AWS_REGION is not set")
        }
        self.region = try Self.validRegion(region, source: "AWS_REGION")
        credentials = AWSCredentials(
            accessKeyID: try required("AWS_ACCESS_KEY_ID"), secretAccessKey: try required("AWS_SECRET_ACCESS_KEY"),
            sessionToken: value("AWS_SESSION_TOKEN"))
        commonEndpoint = try Self.validEndpoint(value("AWS_ENDPOINT_URL"), source: "AWS_ENDPOINT_URL")
        var endpoints: [AWSService: String] = [:]
        for service in AWSService.allCases {
            endpoints[service] = try Self.validEndpoint(
                value(service.endpointVariable), source: service.endpointVariable)
        }
        serviceEndpoints = endpoints
    }

    /// The base URL of a service, without a trailing slash.
    public func endpoint(for service: AWSService) -> String {
        if let endpoint = overriddenEndpoint(for: service) { return endpoint }
        return "https://\(service.rawValue).\(region).\(domainSuffix)"
    }

    /// The endpoint that replaces AWS's own, if there is one.
    func overriddenEndpoint(for service: AWSService) -> String? {
        serviceEndpoints[service] ?? commonEndpoint
    }

    /// The DNS suffix of the region's partition (AWS General Reference, "AWS service endpoints").
    var domainSuffix: String {
        region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
    }

    /// The region becomes part of a host name, so nothing but a label's characters may pass.
    private static func validRegion(_ region: String, source: String) throws(AWSError) -> String {
        let isLabel = region.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
        }
        guard !region.isEmpty, isLabel else {
            throw .configuration("\(source) is not a region name such as eu-central-1")
        }
        return region
    }

    /// The signature covers the host as libcurl will send it, so the endpoint is brought into that form once, here.
    private static func validEndpoint(_ endpoint: String?, source: String) throws(AWSError) -> String? {
        guard let endpoint else { return nil }
        guard let location = RequestLocation(endpoint), location.query == nil else {
            throw .configuration("\(source) is not an http or https URL without a query")
        }
        var path = Substring(location.path)
        while path.hasSuffix("/") { path.removeLast() }
        return "\(location.scheme)://\(location.host)\(path)"
    }
}
