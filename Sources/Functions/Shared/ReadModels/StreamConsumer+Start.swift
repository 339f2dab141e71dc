import AWSClient
import LambdaEvents
import LambdaRuntime
import PostgresClient

extension StreamConsumer: LambdaHandler {
    /// Applies one batch.
    public func handle(_ event: KinesisEvent, context: LambdaContext) async throws -> BatchResponse {
        try await consume(event, logger: context.logger)
    }

    /// Makes the consumer of a function: journal by `EVENTS_TABLE`, database by the given variable, connected at once;
    /// a new process may be a newer build, so it tries what earlier ones had to put into quarantine.
    public init(
        _ projection: any StreamProjection, databaseSecretVariable: String, role: String? = nil,
        applicationName: String, environment: FunctionEnvironment
    ) async throws {
        let table = try environment.required("EVENTS_TABLE")
        let aws = try environment.makeAWSClient()
        self.init(
            connection: try await environment.databaseConnection(
                secretNamedBy: databaseSecretVariable,
                from: SecretStore(client: SecretsManagerClient(aws), clock: SystemClock()), role: role,
                applicationName: applicationName),
            journal: DynamoDBEventJournal(client: DynamoDBClient(aws), table: table), projection: projection)
        await retryQuarantined(logger: environment.logger)
    }
}
