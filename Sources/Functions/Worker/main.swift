import AWSClient
import Domain
import FunctionsShared
import LambdaRuntime

LambdaRuntime.run { environment in
    let configuration = try WorkerConfiguration(environment)
    let aws = try environment.makeAWSClient()
    aws.warmUp()
    let clock = SystemClock()
    let journal = DynamoDBEventJournal(client: DynamoDBClient(aws), table: configuration.eventsTable)
    let events = EventStore(
        journal: journal,
        publisher: KinesisEventPublisher(client: KinesisClient(aws), stream: configuration.eventStream),
        clock: clock, identifiers: SortableIDGenerator(clock: clock), logger: environment.logger)
    let stripe = StripeGateway(
        transport: environment.http, secrets: SecretStore(client: SecretsManagerClient(aws), clock: clock),
        secretID: configuration.stripeSecretID, baseURL: configuration.stripeBaseURL,
        timeoutMilliseconds: configuration.gatewayTimeoutMilliseconds)
    return WorkerHandler(
        processor: JobProcessor(
            events: events, gateways: GatewayDirectory(preferred: stripe), clock: clock,
            gatewayTimeoutMilliseconds: configuration.gatewayTimeoutMilliseconds,
            replayWindowSeconds: StripeGateway.replayWindowSeconds),
        relay: EventRelay(unpublished: journal, store: events, clock: clock))
}
