/// How much of a request's body a server reads, and what becomes of a request whose body is not whole.
public struct HTTPBodyPolicy: Sendable, Equatable {
    /// Most bytes of a body that are kept.
    public var maximumBytes: Int
    /// Whether the handler sees requests whose body broke off or was too large; else the server turns them away.
    public var deliversIncompleteBodies: Bool

    /// A policy made of its parts.
    public init(maximumBytes: Int, deliversIncompleteBodies: Bool = false) {
        self.maximumBytes = maximumBytes
        self.deliversIncompleteBodies = deliversIncompleteBodies
    }

    /// Above every body limit of the emulated services (Lambda 6 MB, SQS 1 MiB, S3 objects of the tests).
    public static let services = HTTPBodyPolicy(maximumBytes: 128 * 1024 * 1024)
}

/// How much of a request's body has come.
public enum HTTPBodyCompleteness: Sendable, Equatable {
    /// All of it.
    case complete
    /// The peer stopped sending in the middle.
    case truncated
    /// All of it, but only as much as the policy keeps is there.
    case tooLarge
}
