// A function that does whatever its events ask for, so that a scripted Runtime API can see how the runtime takes it.
// `_HANDLER` names the kind of handler, or the way in which the start fails.

import LambdaEvents
import LambdaRuntime
import Telemetry

#if canImport(Musl)
    import Musl
#else
    import Glibc
#endif

switch getenv("_HANDLER").map({ String(cString: $0) }) {
case "raw": LambdaRuntime.run { _ in RawHandler() }
case "typed": LambdaRuntime.run { _ in TypedHandler() }
case "synchronous": LambdaRuntime.run { _ in SynchronousHandler() }
case "streaming": LambdaRuntime.run { StreamingHandler(loop: $0.loop) }
case "sqs":
    LambdaRuntime.run { _ in
        SQSBatchHandler { record, context in try RecordDeeds.perform(record.body, context) }
    }
case "kinesis":
    LambdaRuntime.run { _ in
        KinesisBatchHandler { record, context in
            try RecordDeeds.perform(String(decoding: record.data, as: UTF8.self), context)
        }
    }
case "start without a variable":
    LambdaRuntime.run { environment in
        _ = try environment.required("PROBE_VARIABLE")
        return RawHandler()
    }
case "start that throws":
    LambdaRuntime.run { environment in
        guard environment.variables["PROBE_ERROR_TYPE"] == nil else {
            throw ProbeError(
                errorType: environment.variables["PROBE_ERROR_TYPE"] ?? "",
                errorMessage: environment.variables["PROBE_ERROR"] ?? "")
        }
        if let text = environment.variables["PROBE_ERROR"] { throw PlainError(description: text) }
        return RawHandler()
    }
case "start that crashes":
    LambdaRuntime.run { _ in
        Crashes.die("trap", 0)
        return RawHandler()
    }
default:
    LambdaRuntime.run { environment in
        ShutdownHook.register(environment)
        RestoreHook.register(environment)
        return CommandHandler(loop: environment.loop)
    }
}
