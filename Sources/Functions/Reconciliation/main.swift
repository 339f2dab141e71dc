import LambdaRuntime

// Compares the PSP's settlement file of a day with the ledger, once a day and on demand.
LambdaRuntime.run { environment in
    try await ReconciliationHandler(environment)
}
