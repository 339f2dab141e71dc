/// Names of the header fields of a report.
enum RuntimeHeader {
    static let responseMode = "Lambda-Runtime-Function-Response-Mode"
    static let errorType = "Lambda-Runtime-Function-Error-Type"
    static let errorBody = "Lambda-Runtime-Function-Error-Body"
    static let errorCause = "Lambda-Runtime-Function-XRay-Error-Cause"
}
