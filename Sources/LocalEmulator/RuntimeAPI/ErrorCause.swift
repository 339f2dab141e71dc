import Foundation

/// The cause of an error as X-Ray stores it: `{"working_directory","exceptions","paths","message"}`.
struct ErrorCause: Codable, Equatable {
    /// One frame of a stack.
    struct Frame: Codable, Equatable {
        var path: String?
        var line: Int?
        var label: String?
    }

    /// One exception.
    struct Exception: Codable, Equatable {
        var message: String?
        var type: String?
        var stack: [Frame]?
    }

    var exceptions: [Exception]?
    // The name is X-Ray's.
    var workingDirectory: String?
    var paths: [String]?
    var message: String?

    private enum CodingKeys: String, CodingKey {
        case exceptions, paths, message
        case workingDirectory = "working_directory"
    }

    /// How much of every list is kept in the attempts to make a cause small enough (RIE `model/error_cause.go`).
    private static let keptShares = [1, 0.8, 0.6, 0.4, 0.2]
    /// How long a text may be when the lists are given up; two of them fit with room to spare.
    private static let lastResortCharacters = 4 * 1024

    /// What X-Ray would store of a reported cause.
    ///
    /// - Returns: a document of at most 64 KiB; `nil` when the cause says nothing or is not of X-Ray's form.
    static func accepted(_ reported: Data) -> Data? {
        guard JSONNesting.isWithinBounds(reported),
            let cause = try? JSONDecoder().decode(ErrorCause.self, from: reported), !cause.isEmpty
        else { return nil }
        for share in keptShares {
            if let document = cause.cropped(to: share).document { return document }
        }
        return cause.withoutLists.document
    }

    private var isEmpty: Bool {
        (exceptions ?? []).isEmpty && (workingDirectory ?? "").isEmpty && (paths ?? []).isEmpty
            && (message ?? "").isEmpty
    }

    /// The cause as JSON; `nil` when that is larger than X-Ray takes.
    private var document: Data? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let document = try? encoder.encode(self), document.count <= RuntimeLimits.errorCauseBytes else {
            return nil
        }
        return document
    }

    private func cropped(to share: Double) -> ErrorCause {
        func kept<Element>(_ list: [Element]) -> [Element] {
            Array(list.prefix(Int((Double(list.count) * share).rounded(.up))))
        }
        var cause = self
        cause.exceptions = exceptions.map { exceptions in
            kept(exceptions).map { exception in
                var exception = exception
                exception.stack = exception.stack.map(kept)
                return exception
            }
        }
        cause.paths = paths.map(kept)
        return cause
    }

    private var withoutLists: ErrorCause {
        ErrorCause(
            workingDirectory: workingDirectory.map { String($0.prefix(Self.lastResortCharacters)) },
            message: message.map { String($0.prefix(Self.lastResortCharacters)) })
    }
}
