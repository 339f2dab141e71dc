/// Names and numbers of the Lambda Runtime API, version 2018-06-01.
enum RuntimeAPI {
    static let version = "2018-06-01"
    /// The first token is recorded by Lambda as the runtime's release.
    static let userAgent = "fincore-lambda-runtime/1.0 (Swift; libcurl)"

    enum Header {
        static let requestID = "Lambda-Runtime-Aws-Request-Id"
        static let deadline = "Lambda-Runtime-Deadline-Ms"
        static let functionARN = "Lambda-Runtime-Invoked-Function-Arn"
        static let traceID = "Lambda-Runtime-Trace-Id"
        static let clientContext = "Lambda-Runtime-Client-Context"
        static let cognitoIdentity = "Lambda-Runtime-Cognito-Identity"
        static let tenantID = "Lambda-Runtime-Aws-Tenant-Id"
        static let errorType = "Lambda-Runtime-Function-Error-Type"
    }

    enum Variable {
        /// `host:port`, perhaps with a path prefix, of the Runtime API.
        static let address = "AWS_LAMBDA_RUNTIME_API"
        /// Where the X-Ray SDKs look for the current trace.
        static let traceID = "_X_AMZN_TRACE_ID"
        static let logLevel = "AWS_LAMBDA_LOG_LEVEL"
        static let functionName = "AWS_LAMBDA_FUNCTION_NAME"
    }
}
