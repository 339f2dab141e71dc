import LambdaRuntime

/// What the probe does after a snapshot was restored, as `PROBE_RESTORE` says.
enum RestoreHook {
    static func register(_ environment: FunctionEnvironment) {
        guard let what = environment.optional("PROBE_RESTORE") else { return }
        let logger = environment.logger
        environment.onRestore {
            if what == "fail" { throw ProbeError(errorType: "Function.RestoreHook", errorMessage: "as asked") }
            logger.info("restored")
        }
    }
}
