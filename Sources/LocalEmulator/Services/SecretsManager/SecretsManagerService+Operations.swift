import Foundation
import Synchronization

extension SecretsManagerService {
    /// Performs one wire operation; `nil` when there is none of that name.
    func perform(_ operation: String, _ input: AWSInput) throws(AWSServiceError) -> JSONValue? {
        switch operation {
        case "CreateSecret": try createSecret(input)
        case "PutSecretValue": try putSecretValue(input)
        case "UpdateSecret": try updateSecret(input)
        case "GetSecretValue": try getSecretValue(input)
        case "DescribeSecret": try describeSecret(input)
        case "ListSecrets": try listSecrets(input)
        case "ListSecretVersionIds": try listSecretVersionIDs(input)
        case "DeleteSecret": try deleteSecret(input)
        default: nil
        }
    }

    private func createSecret(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let name = try input.requiredString("Name")
        let value = try value(input)
        let versionID = try versionID(input)
        var secret = makeSecret(name: name)
        secret.description = try input.string("Description")
        secret.tags = try input.list("Tags") ?? []
        if let value {
            secret.add(value, versionID: versionID, stages: [Secret.currentStage], nowMilliseconds: now())
        }
        let created = secret
        return try secrets.withLock { (secrets) throws(AWSServiceError) in
            if let existing = secrets[name] {
                // The same request sent again is answered as the first one was.
                if let value, existing.version(id: versionID)?.value == value {
                    return Self.identity(existing, versionID: versionID)
                }
                throw AWSServiceError(
                    "ResourceExistsException",
                    "The operation failed because the secret \(name) already exists.")
            }
            secrets[name] = created
            return Self.identity(created, versionID: value == nil ? nil : versionID)
        }
    }

    private func putSecretValue(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        guard let value = try value(input) else {
            throw AWSServiceError(
                "InvalidParameterException", "You must provide either SecretString or SecretBinary.")
        }
        let versionID = try versionID(input)
        let stages = Set(try input.strings("VersionStages") ?? [Secret.currentStage])
        guard !stages.isEmpty else {
            throw AWSServiceError("InvalidParameterException", "VersionStages must not be empty.")
        }
        return try withSecret(try input.requiredString("SecretId")) { (secret) throws(AWSServiceError) in
            try add(value, versionID: versionID, stages: stages, to: &secret)
            var output = Self.identity(secret, versionID: versionID)
            output["VersionStages"] = Self.stages(secret.version(id: versionID))
            return output
        }
    }

    private func updateSecret(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let value = try value(input)
        let versionID = try versionID(input)
        let description = try input.string("Description")
        return try withSecret(try input.requiredString("SecretId")) { (secret) throws(AWSServiceError) in
            if let description { secret.description = description }
            if let value { try add(value, versionID: versionID, stages: [Secret.currentStage], to: &secret) }
            return Self.identity(secret, versionID: value == nil ? nil : versionID)
        }
    }

    /// A version id names one value for ever: repeating it with the same value changes nothing.
    private func add(
        _ value: Secret.Value, versionID: String, stages: Set<String>, to secret: inout Secret
    ) throws(AWSServiceError) {
        if let existing = secret.version(id: versionID) {
            guard existing.value == value else {
                throw AWSServiceError(
                    "ResourceExistsException",
                    "A resource with the ID you requested already exists: version \(versionID) of \(secret.name).")
            }
            return
        }
        secret.add(value, versionID: versionID, stages: stages, nowMilliseconds: now())
    }

    private func getSecretValue(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let stage = try input.string("VersionStage")
        let versionID = try input.string("VersionId")
        return try withSecret(try input.requiredString("SecretId")) { (secret) throws(AWSServiceError) in
            let version =
                versionID.map { secret.version(id: $0) }
                ?? secret.version(stage: stage ?? Secret.currentStage)
            guard let version, stage.map({ version.stages.contains($0) }) ?? true else {
                throw AWSServiceError(
                    "ResourceNotFoundException",
                    "Secrets Manager can't find the specified secret value for "
                        + (versionID.map { "VersionId: \($0)" } ?? "staging label: \(stage ?? Secret.currentStage)"))
            }
            var output = Self.identity(secret, versionID: version.id)
            output["VersionStages"] = Self.stages(version)
            output["CreatedDate"] = Self.seconds(version.createdMilliseconds)
            switch version.value {
            case .text(let text): output["SecretString"] = .string(text)
            case .binary(let data): output["SecretBinary"] = .string(data.base64EncodedString())
            }
            return output
        }
    }

    private func describeSecret(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        try withSecret(try input.requiredString("SecretId")) { Self.description($0, stagesKey: "VersionIdsToStages") }
    }

    private func listSecrets(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let list = secrets.withLock { secrets in
            secrets.values.sorted { $0.name < $1.name }.map {
                Self.description($0, stagesKey: "SecretVersionsToStages")
            }
        }
        return ["SecretList": .array(list)]
    }

    private func listSecretVersionIDs(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        try withSecret(try input.requiredString("SecretId")) { secret in
            var output = Self.identity(secret, versionID: nil)
            output["Versions"] = .array(
                secret.versions.map { version in
                    [
                        "VersionId": .string(version.id), "VersionStages": Self.stages(version),
                        "CreatedDate": Self.seconds(version.createdMilliseconds),
                    ]
                })
            return output
        }
    }

    /// Deletes at once: the recovery window would only keep a name from being used again.
    private func deleteSecret(_ input: AWSInput) throws(AWSServiceError) -> JSONValue {
        let id = try input.requiredString("SecretId")
        return try secrets.withLock { (secrets) throws(AWSServiceError) in
            guard let name = Self.name(id, in: secrets), let secret = secrets.removeValue(forKey: name) else {
                throw Self.notFound()
            }
            var output = Self.identity(secret, versionID: nil)
            output["DeletionDate"] = Self.seconds(now())
            return output
        }
    }

    // MARK: Parts

    private func withSecret(
        _ id: String, _ body: (inout Secret) throws(AWSServiceError) -> JSONValue
    ) throws(AWSServiceError) -> JSONValue {
        try secrets.withLock { (secrets) throws(AWSServiceError) in
            guard let name = Self.name(id, in: secrets), var secret = secrets[name] else { throw Self.notFound() }
            let output = try body(&secret)
            secrets[name] = secret
            return output
        }
    }

    /// A secret is named by its name, its ARN, or its ARN without the random end.
    private static func name(_ id: String, in secrets: [String: Secret]) -> String? {
        if secrets[id] != nil { return id }
        return secrets.values.first { $0.arn == id || $0.arn.dropLast(7) == id }?.name
    }

    private static func notFound() -> AWSServiceError {
        AWSServiceError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
    }

    private func value(_ input: AWSInput) throws(AWSServiceError) -> Secret.Value? {
        let text = try input.string("SecretString")
        let binary = try input.data("SecretBinary")
        guard text == nil || binary == nil else {
            throw AWSServiceError(
                "InvalidParameterException", "You can't specify both a binary secret value and a string secret value.")
        }
        let byteCount = text?.utf8.count ?? binary?.count ?? 0
        guard byteCount <= Self.maximumSecretBytes else {
            throw AWSServiceError(
                "InvalidParameterException",
                "The secret value has \(byteCount) bytes; at most \(Self.maximumSecretBytes) are allowed.")
        }
        return text.map { .text($0) } ?? binary.map { .binary($0) }
    }

    private func versionID(_ input: AWSInput) throws(AWSServiceError) -> String {
        try input.string("ClientRequestToken") ?? UUID().uuidString.lowercased()
    }

    private static func identity(_ secret: Secret, versionID: String?) -> JSONValue {
        var identity: [String: JSONValue] = ["ARN": .string(secret.arn), "Name": .string(secret.name)]
        identity["VersionId"] = versionID.map { .string($0) }
        return .object(identity)
    }

    private static func description(_ secret: Secret, stagesKey: String) -> JSONValue {
        var output = identity(secret, versionID: nil)
        output["Description"] = secret.description.map { .string($0) }
        output["CreatedDate"] = seconds(secret.createdMilliseconds)
        output["LastChangedDate"] = seconds(secret.changedMilliseconds)
        if !secret.tags.isEmpty { output["Tags"] = .array(secret.tags) }
        output[stagesKey] = .object(
            Dictionary(secret.versions.map { ($0.id, stages($0)) }, uniquingKeysWith: { first, _ in first }))
        return output
    }

    private static func stages(_ version: Secret.Version?) -> JSONValue {
        .array((version?.stages ?? []).sorted().map { .string($0) })
    }

    private static func seconds(_ milliseconds: Int64) -> JSONValue { .number(Double(milliseconds) / 1000) }
}
