import FunctionsShared
import LambdaRuntime

// Builds PaymentDB, which the API reads, from the stream of events.
LambdaRuntime.run { environment in
    try await StreamConsumer(
        ChargeProjection(), databaseSecretVariable: "PAYMENT_DB_SECRET_ID", applicationName: "fincore-projectionist",
        environment: environment)
}
