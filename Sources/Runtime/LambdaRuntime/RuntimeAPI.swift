/// Names and numbers of the Lambda Runtime API, version 2018-06-01, and of the Extensions API beside it.
enum RuntimeAPI {
    static let version = "2018-06-01"
    static let extensionsVersion = "2020-01-01"
    /// The first token is recorded by Lambda as the runtime's release, of at most 128 characters.
    static let userAgent = "fincore-lambda-runtime/1.0 (Swift; libcurl)"

    enum Header {
        static let requestID = "Lambda-Runtime-Aws-Request-Id"
        static let errorType = "Lambda-Runtime-Function-Error-Type"
        static let errorBody = "Lambda-Runtime-Function-Error-Body"
        static let errorCause = "Lambda-Runtime-Function-XRay-Error-Cause"
        static let responseMode = "Lambda-Runtime-Function-Response-Mode"
        static let extensionName = "Lambda-Extension-Name"
        static let extensionIdentifier = "Lambda-Extension-Identifier"
    }

    enum Variable {
        /// `host:port`, perhaps with a path prefix, of the Runtime API.
        static let address = "AWS_LAMBDA_RUNTIME_API"
        static let handler = "_HANDLER"
        /// Where the X-Ray SDKs look for the current trace.
        static let traceID = "_X_AMZN_TRACE_ID"
        static let logLevel = "AWS_LAMBDA_LOG_LEVEL"
        static let logFormat = "AWS_LAMBDA_LOG_FORMAT"
        static let logDescriptor = "_LAMBDA_TELEMETRY_LOG_FD"
        static let functionName = "AWS_LAMBDA_FUNCTION_NAME"
        static let initializationType = "AWS_LAMBDA_INITIALIZATION_TYPE"
    }

    enum ContentType {
        static let json = "application/json"
        /// A streamed response that begins with status, header fields and cookies.
        static let httpIntegration = "application/vnd.awslambda.http-integration-response"
        static let octetStream = "application/octet-stream"
    }

    /// Lambda crops a larger X-Ray cause, and servers refuse heads of a megabyte: it is left out.
    static let maximumErrorCauseBytes = 64 * 1024
}
