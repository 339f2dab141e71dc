import Foundation
import Synchronization

/// AWS Secrets Manager over the JSON 1.1 protocol: secrets with versions and the stages that move between them.
///
/// A new value becomes `AWSCURRENT`; the one before it becomes `AWSPREVIOUS`. Nothing is encrypted: state lives in
/// memory only and is never logged.
public final class SecretsManagerService: AWSService {
    static let targetPrefix = "secretsmanager"
    /// Bytes of one secret value (API reference, PutSecretValue).
    static let maximumSecretBytes = 65_536

    /// The name in the credential scope.
    public let signingName = "secretsmanager"

    let account: AWSAccount
    let now: @Sendable () -> Int64
    let secrets = Mutex<[String: Secret]>([:])

    private let protocolJSON = AWSJSONProtocol(
        version: "1.1", targetPrefix: SecretsManagerService.targetPrefix, typeNamespace: { _ in "" },
        missingMember: { name in
            AWSServiceError("InvalidParameterException", "You must provide a value for the \(name) parameter.")
        })

    /// Makes a service without secrets.
    ///
    /// - Parameter now: milliseconds since 1970.
    public init(
        account: String, region: String, now: @escaping @Sendable () -> Int64 = EmulatorClock.nowMilliseconds
    ) {
        self.account = AWSAccount(id: account, region: region)
        self.now = now
    }

    /// Answers one request of the wire protocol.
    public func handle(_ request: HTTPServerRequest) -> HTTPServerResponse {
        protocolJSON.respond(to: request) { (operation, input) throws(AWSServiceError) in
            try perform(operation, input)
        }
    }

    /// Creates a secret or gives an existing one a new current value.
    ///
    /// - Returns: the secret's ARN.
    @discardableResult
    public func put(name: String, secretString: String) -> String {
        secrets.withLock { secrets in
            var secret = secrets[name] ?? makeSecret(name: name)
            secret.add(
                .text(secretString), versionID: UUID().uuidString.lowercased(), stages: [Secret.currentStage],
                nowMilliseconds: now())
            secrets[name] = secret
            return secret.arn
        }
    }

    /// The current value of a secret; `nil` when there is none or it is binary.
    public func currentSecretString(name: String) -> String? {
        secrets.withLock { secrets in
            guard case .text(let text) = secrets[name]?.version(stage: Secret.currentStage)?.value else { return nil }
            return text
        }
    }

    /// Forgets every secret.
    public func reset() {
        secrets.withLock { $0.removeAll() }
    }

    /// ARNs end in six random characters so that a secret created anew is told from its predecessor.
    func makeSecret(name: String) -> Secret {
        let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789")
        let suffix = String((0..<6).map { _ in alphabet.randomElement() ?? "A" })
        return Secret(
            name: name, arn: account.arn("secretsmanager", "secret:\(name)-\(suffix)"),
            createdMilliseconds: now())
    }
}

/// One secret with its versions.
struct Secret: Sendable {
    static let currentStage = "AWSCURRENT"
    static let previousStage = "AWSPREVIOUS"

    enum Value: Sendable, Equatable {
        case text(String)
        case binary(Data)
    }

    struct Version: Sendable {
        let id: String
        let value: Value
        let createdMilliseconds: Int64
        var stages: Set<String>
    }

    let name: String
    let arn: String
    let createdMilliseconds: Int64
    var changedMilliseconds: Int64
    var description: String?
    var tags: [JSONValue] = []
    private(set) var versions: [Version] = []

    init(name: String, arn: String, createdMilliseconds: Int64) {
        self.name = name
        self.arn = arn
        self.createdMilliseconds = createdMilliseconds
        changedMilliseconds = createdMilliseconds
    }

    func version(stage: String) -> Version? { versions.first { $0.stages.contains(stage) } }
    func version(id: String) -> Version? { versions.first { $0.id == id } }

    /// Adds a version and moves the stages to it; versions that lose their last stage are dropped, as AWS does.
    mutating func add(_ value: Value, versionID: String, stages: Set<String>, nowMilliseconds: Int64) {
        if stages.contains(Self.currentStage) {
            for index in versions.indices {
                versions[index].stages.remove(Self.previousStage)
                if versions[index].stages.remove(Self.currentStage) != nil {
                    versions[index].stages.insert(Self.previousStage)
                }
            }
        }
        for index in versions.indices { versions[index].stages.subtract(stages) }
        versions.removeAll { $0.stages.isEmpty }
        versions.append(Version(id: versionID, value: value, createdMilliseconds: nowMilliseconds, stages: stages))
        changedMilliseconds = nowMilliseconds
    }
}
