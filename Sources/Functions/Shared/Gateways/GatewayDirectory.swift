import Domain

/// The gateways a function can use, by provider. A further provider is one more entry where the function starts.
public struct GatewayDirectory: Sendable {
    private let gateways: [Provider: any PaymentGateway]
    private let preferred: Provider

    /// - Parameter preferred: the provider of charges that no provider has been asked about yet.
    public init(preferred: any PaymentGateway, others: [any PaymentGateway] = []) {
        self.preferred = preferred.provider
        gateways = Dictionary(
            ([preferred] + others).map { ($0.provider, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The provider to ask about a charge. Once one was asked, it stays with that one: an attempt whose outcome is not
    /// known must never be tried elsewhere (D-02).
    public func provider(for charge: Charge) -> Provider {
        charge.provider ?? preferred
    }

    /// The gateway to a provider, if this function has one.
    public func gateway(to provider: Provider) -> (any PaymentGateway)? {
        gateways[provider]
    }
}
