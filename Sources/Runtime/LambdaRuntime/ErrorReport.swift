import LambdaEvents
import Telemetry
import Wire

#if canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// An error that says itself how Lambda and its caller should see it.
public protocol LambdaReportableError: Error {
    /// A stable name in the form `Function.Reason`; Lambda replaces what does not look like this.
    var errorType: String { get }
    /// What failed, with which input, and what to do; never payloads or secrets.
    var errorMessage: String { get }
    /// Where it failed, innermost first; Swift's errors carry none by themselves.
    var stackTrace: [String] { get }
}

extension LambdaReportableError {
    /// Empty.
    public var stackTrace: [String] { [] }
}

/// The document that tells Lambda about a failure.
struct ErrorReport: Equatable {
    let errorMessage: String
    let errorType: String
    let stackTrace: [String]

    init(errorType: String, errorMessage: String, stackTrace: [String] = []) {
        self.errorType = errorType
        self.errorMessage = Redaction.mask(errorMessage)
        self.stackTrace = stackTrace.map(Redaction.mask)
    }

    /// The report as it fits a trailer.
    var shortened: ErrorReport {
        let message = String(errorMessage.unicodeScalars.prefix(RuntimeAPI.maximumTrailerMessageScalars))
        return ErrorReport(errorType: headerType, errorMessage: message)
    }

    /// A report about any error; without a name of its own it is `fallbackType`.
    init(_ error: any Error, fallbackType: String) {
        if let error = error as? any LambdaReportableError {
            self.init(errorType: error.errorType, errorMessage: error.errorMessage, stackTrace: error.stackTrace)
        } else if let error = error as? LambdaEventError {
            self.init(errorType: "Function.EventInvalid", errorMessage: error.description)
        } else {
            self.init(errorType: fallbackType, errorMessage: "\(error)")
        }
    }

    /// `{"errorMessage":…,"errorType":…,"stackTrace":[…]}`.
    var json: String {
        let frames = stackTrace.map(JSONText.string).joined(separator: ",")
        let type = JSONText.string(errorType)
        return "{\"errorMessage\":\(JSONText.string(errorMessage)),\"errorType\":\(type),\"stackTrace\":[\(frames)]}"
    }

    /// The type as a header's value: `Function.Reason` or `Runtime.Reason`, letters only. Lambda would replace anything
    /// else, and a name that no header can hold would break the report itself.
    var headerType: String {
        let parts = errorType.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 2, Self.categories.contains(where: { parts[0].elementsEqual($0.utf8) }),
            let initial = parts[1].first, (0x41...0x5A).contains(initial), parts[1].count > 1,
            parts[1].allSatisfy({ (0x41...0x5A).contains($0 & 0xDF) })
        else { return "Function.Unknown" }
        return errorType
    }

    private static let categories = ["Function", "Runtime"]

    /// The cause as X-Ray wants it, in one line of ASCII; `nil` when it would be larger than a client may send.
    var errorCause: String? {
        let frames = stackTrace.map { "{\"path\":\"\",\"line\":0,\"label\":\(JSONText.string($0))}" }
        let type = JSONText.string(errorType)
        let exception =
            "{\"type\":\(type),\"message\":\(JSONText.string(errorMessage)),\"stack\":[\(frames.joined(separator: ","))]}"
        let cause =
            "{\"working_directory\":\(JSONText.string(Self.workingDirectory)),\"exceptions\":[\(exception)],\"paths\":[]}"
        let text = Self.escapedToASCII(cause)
        return text.utf8.count < RuntimeAPI.maximumErrorCauseBytes ? text : nil
    }

    private static var workingDirectory: String {
        guard let path = getcwd(nil, 0) else { return "" }
        defer { free(path) }
        return String(cString: path)
    }

    /// JSON text with everything beyond printable ASCII escaped: header values have no agreed encoding.
    private static func escapedToASCII(_ json: String) -> String {
        guard json.utf8.contains(where: { !(0x20...0x7E).contains($0) }) else { return json }
        var result = ""
        for unit in json.utf16 {
            if (0x20...0x7E).contains(unit) {
                result.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
            } else {
                let digits = String(unit, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return result
    }
}
