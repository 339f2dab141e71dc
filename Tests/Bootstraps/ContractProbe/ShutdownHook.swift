import LambdaRuntime
import Telemetry

#if canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What the probe does when its environment ends; `PROBE_SHUTDOWN` names it.
enum ShutdownHook {
    static func register(_ environment: FunctionEnvironment) {
        guard let deed = environment.variables["PROBE_SHUTDOWN"] else { return }
        let loop = environment.loop
        let logger = environment.logger
        environment.onShutdown {
            logger.info("shutdown hook begins")
            switch deed {
            // Waits as a coroutine does, for longer than any test.
            case "waits": await loop.sleep(milliseconds: 600_000)
            // Blocks the thread.
            case "blocks": sleep(600)
            default: await loop.sleep(milliseconds: 10)
            }
            logger.info("shutdown hook ends")
        }
    }
}
