import AWSClient
import FunctionsShared
import LambdaRuntime

LambdaRuntime.run { environment in
    let eventsTable = try environment.required("EVENTS_TABLE")
    let eventStream = try environment.required("EVENT_STREAM")
    let stripeSecretID = try environment.required("STRIPE_SECRET_ID")
    let aws = try environment.makeAWSClient(retryPolicy: .whileSomebodyWaits)
    aws.warmUp()
    let clock = SystemClock()
    let identifiers = SortableIDGenerator(clock: clock)
    let events = EventStore(
        journal: DynamoDBEventJournal(client: DynamoDBClient(aws), table: eventsTable),
        publisher: KinesisEventPublisher(client: KinesisClient(aws), stream: eventStream),
        clock: clock, identifiers: identifiers, logger: environment.logger)
    let receiver = StripeWebhookReceiver(
        secrets: SecretStore(client: SecretsManagerClient(aws), clock: clock), secretID: stripeSecretID, clock: clock)
    return WebhookHandler(receiver: receiver, events: events, clock: clock, identifiers: identifiers)
}
