import Wire

/// Hands out secrets by name.
public protocol SecretSource: Sendable {
    /// The secret's text; it may be some minutes old.
    func secret(_ id: String) async throws(SecretError) -> String

    /// The secret's text as it is now; for a caller whose copy was just refused.
    func refreshedSecret(_ id: String) async throws(SecretError) -> String
}

/// A secret could not be had. The text names the secret, never its value.
public struct SecretError: SafelyDescribed, Sendable, Equatable {
    /// Which secret, and what went wrong.
    public let detail: String

    /// An error with this explanation.
    public init(_ detail: String) {
        self.detail = detail
    }

    public var safeDescription: String { detail }
}
