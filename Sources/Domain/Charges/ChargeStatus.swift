/// Where a charge stands. Raw values are the public API's.
public enum ChargeStatus: String, Hashable, Codable, Sendable, CaseIterable {
    /// Accepted; no provider has been asked yet.
    case created = "CREATED"
    /// An attempt at a provider is under way.
    case processing = "PROCESSING"
    /// The customer has to do something (3-D Secure).
    case requiresAction = "REQUIRES_ACTION"
    /// The money is held but not taken.
    case authorized = "AUTHORIZED"
    /// The money is taken.
    case succeeded = "SUCCEEDED"
    /// Definitively declined, by a provider or by the risk engine.
    case failed = "FAILED"
    /// Given up before money was taken.
    case canceled = "CANCELED"
    /// The provider may or may not have executed the attempt. Resolved by repeating the same idempotent request or by
    /// asking the provider; never by guessing, never at another provider.
    case unknown = "UNKNOWN"

    /// Whether no outcome of the present attempt can change the status any more.
    public var isTerminal: Bool {
        switch self {
        case .succeeded, .failed, .canceled: true
        case .created, .processing, .requiresAction, .authorized, .unknown: false
        }
    }
}

/// When the money of an authorised charge is taken.
public enum CaptureMode: String, Hashable, Codable, Sendable, CaseIterable {
    /// Together with the authorisation.
    case automatic
    /// Later, by a separate request.
    case manual
}
