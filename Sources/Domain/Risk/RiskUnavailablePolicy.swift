/// What happens to charges while the risk engine or its rules cannot be reached.
public enum RiskUnavailablePolicy: String, Sendable, CaseIterable {
    /// Charges go through.
    case failOpen = "fail_open"
    /// Charges are refused.
    case failClosed = "fail_closed"
}
