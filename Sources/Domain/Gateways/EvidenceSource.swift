/// How we learned of an outcome. Recorded with the event; it never decides what the outcome means.
public enum EvidenceSource: String, Hashable, Codable, Sendable, CaseIterable {
    /// The provider's answer to our own request.
    case response
    /// A verified notification from the provider.
    case webhook
    /// The provider's answer when we asked for the state of an object.
    case query
}
