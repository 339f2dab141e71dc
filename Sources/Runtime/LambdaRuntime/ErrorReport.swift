import FoundationEssentials
import Telemetry

/// An error that says itself how Lambda and its caller should see it.
public protocol LambdaReportableError: Error {
    /// A stable name in the form `Function.Reason`; Lambda replaces what does not look like this.
    var errorType: String { get }
    /// What failed, with which input, and what to do; never payloads or secrets.
    var errorMessage: String { get }
}

/// The document that tells Lambda about a failure.
struct ErrorReport: Equatable {
    let errorMessage: String
    let errorType: String

    init(errorType: String, errorMessage: String) {
        self.errorType = errorType
        self.errorMessage = Redaction.mask(errorMessage)
    }

    /// A report about any error; without a name of its own it is `fallbackType`.
    init(_ error: any Error, fallbackType: String) {
        if let error = error as? any LambdaReportableError {
            self.init(errorType: error.errorType, errorMessage: error.errorMessage)
        } else {
            self.init(errorType: fallbackType, errorMessage: "\(error)")
        }
    }

    func encoded() -> Data {
        let message = JSONText.string(errorMessage)
        return Data(
            "{\"errorMessage\":\(message),\"errorType\":\(JSONText.string(errorType)),\"stackTrace\":[]}".utf8)
    }
}
