import LambdaRuntime

// The smallest useful function: it takes a batch of typed records from a queue or a stream and answers which of them
// failed.
LambdaRuntime.run { _ in Echo() }
