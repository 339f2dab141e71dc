import Wire

/// The trailers that end a streamed response whose handler has failed.
enum ErrorTrailers {
    /// libcurl's trailers end at 64 KiB (DYN_TRAILERS); base64 makes this 60 000, the rest is for names and type.
    static let maximumDocumentBytes = 45_000
    /// An escaped scalar takes up to six bytes: message and type together leave a third of the document to the stack.
    static let maximumMessageScalars = 4_000
    static let maximumTypeScalars = 1_000

    /// The lines, `Name: value`.
    static func lines(_ report: ErrorReport) -> [String] {
        let report = shortened(report)
        return [
            "\(RuntimeAPI.Header.errorType): \(report.headerType)",
            "\(RuntimeAPI.Header.errorBody): \(Base64.encode(Bytes(utf8: report.json)))",
        ]
    }

    /// The report as it fits: the beginning of its words, and as many of the innermost frames as there is room for.
    static func shortened(_ report: ErrorReport) -> ErrorReport {
        let errorType = prefix(report.errorType, maximumTypeScalars)
        let errorMessage = prefix(report.errorMessage, maximumMessageScalars)
        var room = maximumDocumentBytes
        room -= ErrorReport(errorType: errorType, errorMessage: errorMessage).json.utf8.count
        let frames = report.stackTrace.prefix { frame in
            // The comma is one more.
            room -= JSONText.string(frame).utf8.count + 1
            return room >= 0
        }
        return ErrorReport(errorType: errorType, errorMessage: errorMessage, stackTrace: Array(frames))
    }

    private static func prefix(_ text: String, _ scalars: Int) -> String {
        String(text.unicodeScalars.prefix(scalars))
    }
}
