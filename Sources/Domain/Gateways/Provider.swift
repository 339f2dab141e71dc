/// A payment service provider that moves the money.
public enum Provider: String, Hashable, Codable, Sendable, CaseIterable {
    case stripe
    case paypal
}
