import AWSClient
import Domain
import FunctionsShared
import LambdaRuntime
import RedisClient

LambdaRuntime.run { environment in
    let configuration = try PaymentServiceConfiguration(environment)
    let aws = try environment.makeAWSClient(retryPolicy: .whileSomebodyWaits)
    let database = DynamoDBClient(aws)
    let clock = SystemClock()
    let identifiers = SortableIDGenerator(clock: clock)
    let secrets = SecretStore(client: SecretsManagerClient(aws), clock: clock)
    let paymentDatabase = try await environment.databaseConnection(
        secretNamedBy: "PAYMENT_DB_SECRET_ID", from: secrets, applicationName: "payment-service",
        connectsOnFirstUse: true, statementTimeoutMilliseconds: PaymentServiceConfiguration.readTimeoutMilliseconds)
    let redis = try RedisClient(
        url: configuration.redisURL, certificateAuthorityFile: environment.optional("CA_FILE"))
    let ports = PaymentServiceHandler.Ports(
        apiKeys: DynamoDBAPIKeys(client: database, table: configuration.apiKeysTable),
        events: EventStore(
            journal: DynamoDBEventJournal(client: database, table: configuration.eventsTable),
            publisher: KinesisEventPublisher(client: KinesisClient(aws), stream: configuration.eventStream),
            clock: clock, identifiers: identifiers, logger: environment.logger),
        idempotency: IdempotencyStore(
            records: DynamoDBIdempotencyRecords(client: database, table: configuration.idempotencyTable),
            cache: RedisResponseCache(client: redis, logger: environment.logger), clock: clock,
            identifiers: identifiers, leaseMilliseconds: configuration.leaseMilliseconds),
        fingerprints: RequestFingerprint(secrets: secrets, secretID: configuration.fingerprintSecretID),
        jobs: SQSJobQueue(client: SQSClient(aws), queueURL: configuration.jobQueueURL),
        risk: LambdaRiskAssessor(client: LambdaClient(aws), function: configuration.riskFunction),
        readStore: PostgresChargeReadStore(connection: paymentDatabase),
        refundDirectory: DynamoDBRefundDirectory(
            client: database, table: configuration.idempotencyTable, clock: clock),
        identifiers: identifiers)
    return PaymentServiceHandler(ports: ports, riskUnavailablePolicy: configuration.riskUnavailablePolicy)
}
