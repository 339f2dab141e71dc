import Foundation

/// An error report that carries its cause inside (RIE `handler/mime_type_error_cause_json.go`).
struct CausedError {
    static let contentType = "application/vnd.aws.lambda.error.cause+json"

    /// What the caller is told: the report without its cause.
    let document: Data
    /// What `document` is.
    let documentType: String
    /// The cause, as X-Ray stores it.
    let cause: Data?

    init(_ body: Data) {
        guard let report = try? JSONValue(parsing: body), report.objectValue != nil else {
            document = Data("\"Invalid error body\"".utf8)
            documentType = "application/octet-stream"
            cause = nil
            return
        }
        var told: JSONValue = [
            "errorMessage": report["errorMessage"] ?? "", "errorType": report["errorType"] ?? "",
        ]
        told["stackTrace"] = report["stackTrace"]
        document = told.serialized()
        documentType = "application/json"
        cause = report["errorCause"].flatMap { ErrorCause.accepted($0.serialized()) }
    }
}
