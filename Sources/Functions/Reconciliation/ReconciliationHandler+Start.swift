import AWSClient
import FoundationEssentials
import FunctionsShared
import LambdaRuntime
import PostgresClient

extension ReconciliationHandler {
    /// Makes the handler of the function out of its environment.
    init(_ environment: FunctionEnvironment) async throws {
        let sftpSecretID = try environment.required("SETTLEMENT_SFTP_SECRET_ID")
        let bucket = try environment.required("REPORT_BUCKET")
        let topicARN = try environment.required("ALERT_TOPIC_ARN")
        let graceMilliseconds = try environment.integer(
            "SETTLEMENT_GRACE_MILLISECONDS", default: Self.defaultGraceMilliseconds)
        let aws = try environment.makeAWSClient()
        let secrets = SecretStore(client: SecretsManagerClient(aws), clock: SystemClock())
        let connection = try await environment.databaseConnection(
            secretNamedBy: "LEDGER_DB_SECRET_ID", from: secrets, role: "ledger_reconciler",
            applicationName: "fincore-reconciliation")
        self.init(
            files: SFTPSettlementFiles(
                account: try SFTPAccount(secret: try await secrets.secret(sftpSecretID)), client: environment.http),
            ledger: LedgerReadStore(connection: connection), records: SettlementRecords(connection: connection),
            reports: S3ReportStore(client: S3Client(aws), bucket: bucket),
            alerts: SNSAlertTopic(client: SNSClient(aws), topicARN: topicARN), graceMilliseconds: graceMilliseconds)
    }
}

extension SFTPAccount {
    /// An account out of its secret.
    ///
    /// - Throws: `ConfigurationError`, which never quotes the secret.
    init(secret: String) throws(ConfigurationError) {
        do {
            self = try JSONDecoder().decode(SFTPAccount.self, from: Data(secret.utf8))
        } catch {
            throw .invalidVariable(
                "SETTLEMENT_SFTP_SECRET_ID",
                reason: "the secret is not JSON with host, port, username, private_key, host_key_sha256, directory")
        }
        guard !hostKeySHA256.isEmpty else {
            throw .invalidVariable("SETTLEMENT_SFTP_SECRET_ID", reason: "host_key_sha256 is empty")
        }
    }
}

/// Reports in a bucket.
private struct S3ReportStore: ReportStore {
    let client: S3Client
    let bucket: String

    func store(_ document: Data, key: String, contentType: String) async throws(ReconciliationError) {
        do throws(AWSError) {
            try await client.putObject(bucket: bucket, key: key, body: document, contentType: contentType)
        } catch {
            throw .notPublished("\(error)")
        }
    }
}

/// Messages to a topic.
private struct SNSAlertTopic: AlertTopic {
    let client: SNSClient
    let topicARN: String

    func publish(subject: String, message: String) async throws(ReconciliationError) {
        do throws(AWSError) {
            try await client.publish(topicARN: topicARN, subject: subject, message: message)
        } catch {
            throw .notPublished("\(error)")
        }
    }
}
