/// What a line of a provider's settlement file is about. An open set: providers add categories.
public enum SettlementCategory: Sendable, Hashable {
    case charge
    case refund
    /// Any other category, under the provider's own name.
    case other(String)

    /// The category behind a provider's name.
    public init(_ name: String) {
        self =
            switch name {
            case "charge": .charge
            case "refund": .refund
            default: .other(name)
            }
    }

    /// The provider's name.
    public var name: String {
        switch self {
        case .charge: "charge"
        case .refund: "refund"
        case .other(let name): name
        }
    }
}
