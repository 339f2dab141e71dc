import LambdaRuntime

/// Why a reconciliation run came to no report.
enum ReconciliationError: LambdaReportableError, Equatable, CustomStringConvertible {
    /// The event names no day: neither its `detail.date` nor its `time` can be read.
    case invalidEvent(String)
    /// The provider has not put the day's file there (yet).
    case fileMissing(path: String)
    /// The file could not be fetched.
    case fileNotFetched(path: String, detail: String)
    /// The file cannot be trusted; nothing of it was used.
    case fileInvalid(path: String, detail: String)
    /// The ledger did not answer.
    case ledgerUnavailable(String)
    /// The report could not be stored or announced; running again is safe.
    case notPublished(String)

    var errorType: String {
        switch self {
        case .invalidEvent: "Function.InvalidEvent"
        case .fileMissing: "Function.SettlementFileMissing"
        case .fileNotFetched: "Function.SettlementFileNotFetched"
        case .fileInvalid: "Function.SettlementFileInvalid"
        case .ledgerUnavailable: "Function.LedgerUnavailable"
        case .notPublished: "Function.ReportNotPublished"
        }
    }

    var errorMessage: String {
        switch self {
        case .invalidEvent(let detail): "the event names no day to reconcile: \(detail)"
        case .fileMissing(let path): "the settlement file \(path) is not there; run again when the provider has put it"
        case .fileNotFetched(let path, let detail): "the settlement file \(path) could not be fetched: \(detail)"
        case .fileInvalid(let path, let detail): "the settlement file \(path) cannot be used: \(detail)"
        case .ledgerUnavailable(let detail): "the ledger did not answer: \(detail)"
        case .notPublished(let detail): "the report could not be published: \(detail)"
        }
    }

    var description: String { "\(errorType): \(errorMessage)" }
}
