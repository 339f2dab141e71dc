import LambdaEvents
import Telemetry
import Wire

#if canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// An error that says itself how Lambda and its caller should see it.
///
/// Of any other error only the type is told, unless it is `SafelyDescribed`: descriptions quote what they are about.
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
    /// Lambda takes error documents of 6 MB; nobody reads what is longer than this, in a report or in a log line.
    static let maximumMessageBytes = 64 * 1024
    /// A type is a name.
    static let maximumTypeBytes = 1024
    /// For all frames of a stack together; those beyond, the outermost, are left out.
    static let maximumStackBytes = 64 * 1024

    let errorMessage: String
    let errorType: String
    let stackTrace: [String]

    /// A report with everything that could be a card number masked, and what is too long cut.
    init(errorType: String, errorMessage: String, stackTrace: [String] = []) {
        // Cut after it is masked: half of a number is not recognized as one.
        self.errorMessage = Self.cut(Redaction.mask(errorMessage))
        self.errorType = String(errorType.beginning(utf8Bytes: Self.maximumTypeBytes))
        self.stackTrace = Self.innermost(stackTrace.lazy.map(Redaction.mask))
    }

    /// A report about any error; without a name of its own it is `fallbackType`.
    init(_ error: any Error, fallbackType: String) {
        switch error {
        case let error as any LambdaReportableError:
            self.init(errorType: error.errorType, errorMessage: error.errorMessage, stackTrace: error.stackTrace)
        case let error as LambdaEventError:
            self.init(errorType: "Function.EventInvalid", errorMessage: error.description)
        case let error as any SafelyDescribed:
            self.init(errorType: fallbackType, errorMessage: error.safeDescription)
        default:
            // Its description may quote the payload, as `DecodingError` does.
            let message =
                "an error of type \(Self.name(of: type(of: error))); conform it to LambdaReportableError to say more"
            self.init(errorType: fallbackType, errorMessage: message)
        }
    }

    /// The name with its module; where a type is private the compiler adds where in the program it lies, which no two
    /// builds have in common.
    private static func name(of type: any Error.Type) -> String {
        String(reflecting: type).split(separator: ".").filter { !$0.hasPrefix("(unknown context") }.joined(
            separator: ".")
    }

    private static func cut(_ text: String) -> String {
        let beginning = text.beginning(utf8Bytes: maximumMessageBytes)
        return beginning.endIndex == text.endIndex ? text : "\(beginning) … (cut, \(text.utf8.count) bytes in all)"
    }

    private static func innermost(_ frames: some Sequence<String>) -> [String] {
        var room = maximumStackBytes
        return Array(
            frames.prefix { frame in
                room -= frame.utf8.count
                return room >= 0
            })
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
        // Escaping only adds to a text.
        let bytes = stackTrace.reduce(errorMessage.utf8.count + errorType.utf8.count) { $0 + $1.utf8.count }
        guard bytes < RuntimeAPI.maximumErrorCauseBytes else { return nil }
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

extension String {
    /// As many whole characters of Unicode from the start as take no more than so many bytes.
    fileprivate func beginning(utf8Bytes maximum: Int) -> Substring {
        guard utf8.count > maximum else { return self[...] }
        var end = utf8.index(startIndex, offsetBy: maximum)
        while Index(end, within: unicodeScalars) == nil { end = utf8.index(before: end) }
        return self[..<end]
    }
}
