import FunctionsShared
import LambdaRuntime

// Builds LedgerDB, the double-entry books, from the stream of events. The role may insert and read, nothing else.
LambdaRuntime.run { environment in
    try await StreamConsumer(
        LedgerProjection(), databaseSecretVariable: "LEDGER_DB_SECRET_ID", role: "ledger_writer",
        applicationName: "fincore-ledger", environment: environment)
}
