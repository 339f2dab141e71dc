import Foundation

/// The environment variables a process finds in Lambda (Lambda, defined runtime environment variables).
///
/// `AWS_EXECUTION_ENV` is missing on purpose: custom runtimes do not get it. So is `AWS_XRAY_DAEMON_ADDRESS`: nobody
/// listens there.
enum LambdaEnvironment {
    /// - Parameters:
    ///   - bootstrap: the function's executable; its directory is where the function's package is.
    ///   - shared: what every function is told, stronger than what is the same in every Lambda.
    static func variables(
        for function: FunctionDefinition, bootstrap: String, region: String, shared: [String: String]
    ) -> [String: String] {
        let root = (bootstrap as NSString).deletingLastPathComponent
        var variables = [
            "_HANDLER": function.handler,
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_SESSION_TOKEN": "local",
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": String(function.memoryMegabytes),
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/\(function.name)",
            "AWS_LAMBDA_LOG_STREAM_NAME": "local",
            "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
            "LAMBDA_TASK_ROOT": root,
            "LAMBDA_RUNTIME_DIR": root,
            // Lambda's own order; the runtime's and the task's directories are one here.
            "LD_LIBRARY_PATH": "/lib64:/usr/lib64:\(root):\(root)/lib:\(root):\(root)/lib:/opt/lib",
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PATH": "/usr/local/bin:/usr/bin/:/bin:/opt/bin",
        ]
        if let logging = function.logging {
            variables["AWS_LAMBDA_LOG_FORMAT"] = logging.format.rawValue
            variables["AWS_LAMBDA_LOG_LEVEL"] = logging.applicationLevel
        }
        variables.merge(shared) { _, new in new }
        variables.merge(function.variables) { _, new in new }
        return variables
    }
}
