import Foundation
import HTTPClient

/// All AWS services on one loopback port, told apart as AWS SDKs tell them: by the service name in the signature.
///
/// Signatures are not verified, since every local caller is trusted; but a request without one is refused, because
/// AWS would refuse it too and a client that forgets to sign must not pass here.
public final class AWSEndpoint: Sendable {
    private let services: [String: any AWSService]
    private let unsigned: (any AWSService)?

    /// Makes an endpoint; of two services with one signing name the later wins.
    ///
    /// - Parameter unsigned: the service that takes requests without a signature; without one they are refused.
    public init(services: [any AWSService], unsigned: (any AWSService)? = nil) {
        self.unsigned = unsigned
        self.services = Dictionary(services.map { ($0.signingName, $0) }, uniquingKeysWith: { _, later in later })
    }

    /// Hands the request to the service it is signed for.
    public func handle(_ request: HTTPServerRequest) -> HTTPServerResponse {
        do throws(AWSServiceError) {
            return try service(for: request).handle(request)
        } catch {
            return Self.speaksJSON(request)
                ? AWSJSONProtocol.errorResponse(error, typeNamespace: { _ in "" })
                : AWSXML.errorResponse(error)
        }
    }

    private func service(for request: HTTPServerRequest) throws(AWSServiceError) -> any AWSService {
        if let unsigned, !Self.isSigned(request) { return unsigned }
        let name = try Self.signedServiceName(request)
        if let service = services[name] { return service }
        // Some clients sign for an alias; the operation's own name still says what they want.
        if let target = request.headers["X-Amz-Target"], let service = Self.service(ofTarget: target),
            let known = services[service]
        {
            return known
        }
        throw AWSServiceError(
            "UnknownOperationException",
            "The local AWS endpoint offers no service '\(name)'. Offered: \(services.keys.sorted().joined(separator: ", "))."
        )
    }

    private static func isSigned(_ request: HTTPServerRequest) -> Bool {
        request.headers["Authorization"] != nil || request.queryItems().contains { $0.0 == "X-Amz-Credential" }
    }

    /// The fourth part of the credential scope `<key>/<date>/<region>/<service>/aws4_request`, taken from the header
    /// or, for a presigned request, from the query.
    static func signedServiceName(_ request: HTTPServerRequest) throws(AWSServiceError) -> String {
        let credential: String
        if let authorization = request.headers["Authorization"] {
            guard authorization.hasPrefix("AWS4-HMAC-SHA256"),
                let start = authorization.range(of: "Credential=")?.upperBound
            else {
                throw AWSServiceError(
                    "IncompleteSignatureException",
                    "The Authorization header must be 'AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…'.")
            }
            credential = String(authorization[start...].prefix { $0 != "," && $0 != " " })
        } else if let item = request.queryItems().first(where: { $0.0 == "X-Amz-Credential" }) {
            credential = item.1
        } else {
            throw AWSServiceError("MissingAuthenticationToken", "Missing Authentication Token", status: 403)
        }
        let scope = credential.split(separator: "/", omittingEmptySubsequences: false)
        guard scope.count >= 5, scope.last == "aws4_request" else {
            throw AWSServiceError(
                "IncompleteSignatureException",
                "The credential must be '<key>/<date>/<region>/<service>/aws4_request', it is '\(credential)'.")
        }
        return String(scope[scope.count - 2])
    }

    private static func service(ofTarget target: String) -> String? {
        switch target.prefix(while: { $0 != "." }) {
        case SQSService.targetPrefix: "sqs"
        case KinesisService.targetPrefix: "kinesis"
        case DynamoDBService.targetPrefix: "dynamodb"
        case SecretsManagerService.targetPrefix: "secretsmanager"
        default: nil
        }
    }

    /// Which error shape the client can read, known before its service is.
    private static func speaksJSON(_ request: HTTPServerRequest) -> Bool {
        request.headers["X-Amz-Target"] != nil
            || request.headers["Content-Type"]?.contains("json") == true
            || request.path.hasPrefix("/2015-03-31/functions/")
    }
}
