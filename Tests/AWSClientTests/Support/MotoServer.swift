import CurlEventLoop
import Foundation
import HTTPClient
import TestSupport

@testable import AWSClient

/// A moto server that checks signatures, with a user and a role that may do everything.
///
/// moto's own signature check is botocore's code, so what passes here passes with AWS's reference implementation.
final class MotoServer: Sendable {
    static let shared = Result { try MotoServer() }

    /// Long-lived keys of a user.
    let userCredentials: AWSCredentials
    /// Temporary keys with a session token, as a Lambda environment has them.
    let roleCredentials: AWSCredentials
    let endpoint: String

    private static let region = "eu-central-1"
    private static let allowEverything =
        #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#

    private let process: ServerProcess

    private init() throws {
        guard let environment = ProcessInfo.processInfo.environment["FINCORE_VENV"], !environment.isEmpty else {
            throw ServerProcess.Failure(
                description: "FINCORE_VENV is not set: run the tests with `./fincore test`, which prepares a Python "
                    + "environment with moto and sets it")
        }
        let port = try Loopback.freePort()
        process = try ServerProcess(
            environment + "/bin/moto_server", ["-H", "127.0.0.1", "-p", String(port)], port: port,
            directory: FileManager.default.temporaryDirectory)
        let endpoint = "http://127.0.0.1:\(port)"
        (userCredentials, roleCredentials) = try Self.createIdentities(endpoint)
        self.endpoint = endpoint
    }

    /// Runs an operation with a client that signs with the given credentials.
    func run<Value: Sendable>(
        as credentials: AWSCredentials? = nil, _ operation: @escaping @Sendable (AWSClient) async throws -> Value
    ) throws -> Value {
        let configuration = try AWSConfiguration(
            region: Self.region, credentials: credentials ?? userCredentials, endpoint: endpoint)
        let loop = EventLoop()
        return try loop.run {
            let aws = AWSClient(
                configuration: configuration, transport: HTTPClient(loop: loop),
                sleep: { await loop.sleep(milliseconds: $0) })
            return try await operation(aws)
        }
    }

    /// moto lets the first requests in unchecked, until it is told to count from zero.
    private static func createIdentities(_ endpoint: String) throws -> (AWSCredentials, AWSCredentials) {
        let loop = EventLoop()
        return try loop.run {
            let http = HTTPClient(loop: loop)
            func query(_ service: String, _ fields: KeyValuePairs<String, String>) async throws -> String {
                try await Self.query(http, endpoint, service, fields)
            }
            _ = try await query("iam", ["Action": "CreateUser", "UserName": "fincore"])
            let userKey = try await query("iam", ["Action": "CreateAccessKey", "UserName": "fincore"])
            _ = try await query(
                "iam",
                [
                    "Action": "PutUserPolicy", "UserName": "fincore", "PolicyName": "all",
                    "PolicyDocument": Self.allowEverything,
                ])
            let role = try await query(
                "iam", ["Action": "CreateRole", "RoleName": "function", "AssumeRolePolicyDocument": "{}"])
            _ = try await query(
                "iam",
                [
                    "Action": "PutRolePolicy", "RoleName": "function", "PolicyName": "all",
                    "PolicyDocument": Self.allowEverything,
                ])
            let roleKey = try await query(
                "sts",
                ["Action": "AssumeRole", "RoleArn": Self.element("Arn", role), "RoleSessionName": "test"])
            let response = try await http.send(
                HTTPRequest(
                    method: "POST", url: endpoint + "/moto-api/reset-auth", headers: ["Content-Type": "text/plain"],
                    body: Data("0".utf8)))
            guard response.status == 200 else {
                throw ServerProcess.Failure(description: "moto did not switch its signature check on")
            }
            return (try Self.credentials(userKey), try Self.credentials(roleKey))
        }
    }

    /// One call of the query protocol, for the services the product does not use.
    private static func query(
        _ http: HTTPClient, _ endpoint: String, _ service: String, _ fields: KeyValuePairs<String, String>
    ) async throws -> String {
        let body = fields.map { "\($0.key)=\(PercentEncoding.encodeForm($0.value))" }.joined(separator: "&")
        let signer = SignatureV4(
            credentials: AWSCredentials(accessKeyID: "setup", secretAccessKey: "setup"), region: "us-east-1",
            serviceName: service)
        let request = HTTPRequest(
            method: "POST", url: endpoint + "/",
            headers: ["Content-Type": "application/x-www-form-urlencoded; charset=utf-8"], body: Data(body.utf8))
        let response = try await http.send(signer.sign(request, at: Date()))
        let text = String(decoding: response.body, as: UTF8.self)
        guard response.status == 200 else { throw ServerProcess.Failure(description: "\(service): \(text)") }
        return text
    }

    private static func credentials(_ document: String) throws -> AWSCredentials {
        AWSCredentials(
            accessKeyID: try element("AccessKeyId", document),
            secretAccessKey: try element("SecretAccessKey", document),
            sessionToken: XMLText.firstElement("SessionToken", in: document))
    }

    private static func element(_ name: String, _ document: String) throws -> String {
        guard let text = XMLText.firstElement(name, in: document) else {
            throw ServerProcess.Failure(description: "no \(name) in \(document)")
        }
        return text
    }
}

extension AWSClient {
    /// Calls an operation the product has no method for, to prepare or to look into a test's resources.
    @discardableResult
    func raw(
        _ protocol: JSONProtocol, _ operation: String, _ request: String
    ) async throws -> [String: any Sendable] {
        let call = `protocol`.call(
            operation, body: Data(request.utf8), endpoint: configuration.endpoint(for: `protocol`.service))
        let body = try await send(call).body
        return (try JSONSerialization.jsonObject(with: body.isEmpty ? Data("{}".utf8) : body))
            as? [String: any Sendable]
            ?? [:]
    }
}
