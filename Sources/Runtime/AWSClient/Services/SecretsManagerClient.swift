/// AWS Secrets Manager: reading the current version of a secret.
public struct SecretsManagerClient: Sendable {
    private let aws: AWSClient

    /// A client that sends through `aws`.
    public init(_ aws: AWSClient) {
        self.aws = aws
    }

    /// The text of a secret's current version.
    ///
    /// - Parameter id: the secret's name or ARN.
    /// - Throws: `AWSError.malformedResponse` when the secret is binary.
    public func secretString(id: String) async throws(AWSError) -> String {
        let operation = "GetSecretValue"
        let response = try await aws.call(
            .secretsManager, operation, GetSecretValueRequest(secretID: id), returning: GetSecretValueResponse.self)
        guard let text = response.secretString else {
            throw .malformedResponse(
                service: .secretsManager, operation: operation, detail: "secret \(id) has no text, only binary content")
        }
        return text
    }
}

private struct GetSecretValueRequest: Encodable, Sendable {
    let secretID: String

    private enum CodingKeys: String, CodingKey {
        case secretID = "SecretId"
    }
}

private struct GetSecretValueResponse: Decodable, Sendable {
    let secretString: String?

    private enum CodingKeys: String, CodingKey {
        case secretString = "SecretString"
    }
}
