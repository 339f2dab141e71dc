import FoundationEssentials

/// A verified webhook, reduced to what it says about a charge or a refund of ours.
public struct ProviderNotification: Sendable, Equatable {
    /// What the notification is about.
    public enum Subject: Sendable, Equatable {
        /// The state of a charge at the provider.
        case charge(ChargeID, GatewayOutcome)
        /// The state of a refund at the provider.
        case refund(ChargeID, RefundID, GatewayOutcome)
        /// Nothing for us: another system's object, or a type without meaning for a payment. Says why.
        case ignored(reason: String)
    }

    /// The provider's id of the notification; deliveries of one notification share it.
    public let eventID: String
    /// The provider's name of the notification's type. An open set.
    public let type: String
    /// When the provider made it; deliveries of one notification share it. Nil when it does not say.
    public let createdAt: Date?
    /// What it is about.
    public let subject: Subject

    /// Memberwise; each part is described on its property.
    public init(eventID: String, type: String, createdAt: Date? = nil, subject: Subject) {
        self.eventID = eventID
        self.type = type
        self.createdAt = createdAt
        self.subject = subject
    }
}
